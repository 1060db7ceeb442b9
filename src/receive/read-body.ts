import type { IncomingMessage } from 'node:http';

/**
 * What became of reading a body: its bytes, or why there are none. `left`: the sender broke off. `busy`: too many
 * bodies at once.
 */
export type BodyRead = Buffer | 'too-large' | 'busy' | 'left';

/** How many bytes of bodies are held at this moment by one server, all requests together. */
export interface BodyBudget {
  heldBytes: number;
  maxHeldBytes: number;
}

/**
 * Reads the body of a request and calls `done` once. Beyond `maxBytes`, or the budget of the whole server, it stops
 * keeping; what still comes is for the caller to drain. The bytes count as held until `budget` is given back.
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
  done: (read: BodyRead) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isDone = false;
  const finish = (read: BodyRead): void => {
    if (isDone) return;
    isDone = true;
    if (typeof read === 'string') budget.heldBytes -= length;
    done(read);
  };
  // Never taken off, nor added for once: with every request that costs more than being called in vain.
  const onData = (chunk: Buffer): void => {
    if (isDone) return;
    length += chunk.length;
    budget.heldBytes += chunk.length;
    chunks.push(chunk);
    if (length > maxBytes) finish('too-large');
    else if (budget.heldBytes > budget.maxHeldBytes) finish('busy');
  };
  incoming.on('data', onData);
  incoming.on('end', () => finish(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)));
  incoming.on('error', () => finish('left'));
  incoming.on('close', () => finish('left'));
}
