import { createSocket, type RemoteInfo } from 'node:dgram';
import { setMaxListeners } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface DnsQuestion {
  /** In the letter case it was asked in, without the last dot. */
  name: string;
  type: string;
  transport: 'udp' | 'tcp';
}

/** One record; `name` is the question's when absent. A label of `data` may hold a dot as `\.`. */
export interface DnsRecord {
  type: 'A' | 'AAAA' | 'PTR' | 'CNAME';
  data: string;
  name?: string;
}

export interface DnsReply {
  rcode?: number;
  records?: readonly DnsRecord[];
  /** The TC bit, and no records. */
  truncated?: boolean;
  delayMs?: number;
  /** In place of the question's own. */
  id?: number;
  /** In place of a DNS message. */
  bytes?: Uint8Array;
}

/** What a fake server says; null for silence. */
export type DnsBehaviour = (question: DnsQuestion) => DnsReply | null;

export interface FakeDns {
  /** `127.0.0.1:PORT`, UDP and TCP. */
  address: string;
  /** Everything that was asked. */
  questions: DnsQuestion[];
}

export const [SERVFAIL, NXDOMAIN, REFUSED] = [2, 3, 5];

const TYPES: Record<number, string> = { 1: 'A', 5: 'CNAME', 12: 'PTR', 28: 'AAAA' };
const CODES: Record<string, number> = { A: 1, CNAME: 5, PTR: 12, AAAA: 28 };
const TRIES = 10;

/**
 * A DNS server that does what no real one can be told to do: no sleep for luck, it answers when asked. Gone when the
 * test ends.
 */
export async function openFakeDns(behave: DnsBehaviour): Promise<FakeDns> {
  const questions: DnsQuestion[] = [];
  const over = new AbortController();
  // Every answer that is still to come listens.
  setMaxListeners(0, over.signal);
  onTestFinished(() => over.abort());
  const respond = async (
    query: Buffer,
    transport: DnsQuestion['transport'],
    send: (bytes: Buffer) => void,
  ): Promise<void> => {
    const question = { ...readQuestion(query), transport };
    questions.push(question);
    const reply = behave(question);
    if (reply === null) return;
    if (reply.delayMs !== undefined)
      await wait(reply.delayMs, undefined, { signal: over.signal }).catch(() => undefined);
    if (!over.signal.aborted) send(writeReply(query, question, reply));
  };
  const port = await listenBoth(respond);
  return { address: `127.0.0.1:${port}`, questions };
}

type Respond = (query: Buffer, transport: DnsQuestion['transport'], send: (bytes: Buffer) => void) => Promise<void>;

/** UDP and TCP share one number, and another process may have taken one of the two. */
async function listenBoth(respond: Respond): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket('udp4');
    try {
      await new Promise<void>((ready, fail) => {
        udp.once('error', fail).bind(0, '127.0.0.1', ready);
      });
      const { port } = udp.address();
      await listenTcp(port, respond);
      udp.on(
        'message',
        (query: Buffer, from: RemoteInfo) =>
          void respond(query, 'udp', (bytes) => udp.send(bytes, from.port, from.address)),
      );
      onTestFinished(() => void udp.close());
      return port;
    } catch (error) {
      udp.close();
      if (attempt === TRIES) throw error;
    }
  }
}

async function listenTcp(port: number, respond: Respond): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (
        ;
        rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0);
        rest = rest.subarray(2 + rest.readUInt16BE(0))
      ) {
        void respond(
          rest.subarray(2, 2 + rest.readUInt16BE(0)),
          'tcp',
          (bytes) => void socket.write(Buffer.concat([uint16(bytes.length), bytes])),
        );
      }
    });
  });
  await new Promise<void>((ready, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', ready);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
}

function readQuestion(query: Buffer): Omit<DnsQuestion, 'transport'> {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: TYPES[query.readUInt16BE(at + 1)] ?? '?' };
}

function writeReply(
  query: Buffer,
  question: DnsQuestion,
  { rcode = 0, records = [], truncated = false, id, bytes }: DnsReply,
): Buffer {
  if (bytes !== undefined) return Buffer.from(bytes);
  const asked = Buffer.concat([writeName(question.name), uint16(CODES[question.type] ?? 0), uint16(1)]);
  const flags = 0x81_80 | (truncated ? 0x02_00 : 0) | rcode;
  const answers = truncated ? [] : records.map(({ type, data, name = question.name }) => writeRecord(name, type, data));
  return Buffer.concat([
    uint16(id ?? query.readUInt16BE(0)),
    uint16(flags),
    uint16(1),
    uint16(answers.length),
    uint16(0),
    uint16(0),
    asked,
    ...answers,
  ]);
}

function writeRecord(name: string, type: DnsRecord['type'], text: string): Buffer {
  const data =
    type === 'A' ? Buffer.from(text.split('.').map(Number)) : type === 'AAAA' ? writeIpv6(text) : writeName(text);
  return Buffer.concat([
    writeName(name),
    uint16(CODES[type] as number),
    uint16(1),
    Buffer.from([0, 0, 0, 60]),
    uint16(data.length),
    data,
  ]);
}

function writeName(name: string): Buffer {
  const labels = name
    .split(/(?<!\\)\./)
    .filter((label) => label !== '')
    .map((label) => Buffer.from(label.replaceAll('\\.', '.'), 'latin1'));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

function writeIpv6(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const [first = [], last = []] = [head, tail ?? ''].map((half) => half.split(':').filter((part) => part !== ''));
  return Buffer.concat(
    [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last].map((part) =>
      uint16(Number.parseInt(part, 16)),
    ),
  );
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
