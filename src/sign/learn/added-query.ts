import { coveredParts, holdsOfUrl, isBody, type MessagePart, type Signature } from '../../model/signature.ts';
import { digestOf } from '../scheme/message.ts';
import type { LearnSubject } from './learn-subject.ts';
import { HASH_OF_LENGTH } from './probes.ts';
import { decodings } from './slots.ts';

/** Where the URL is signed and not the body, the vendor may have added a hash of the body to the URL. */
export function withAddedQuery(spec: Signature, { urls: [url], body }: LearnSubject): Signature {
  const covered = coveredParts(spec);
  if (url === undefined || covered.some(isBody) || !covered.some((part) => holdsOfUrl(part, 'query'))) return spec;
  const added = [...new URL(url).searchParams].flatMap(([name, value]) => {
    const isOwn = 'query' in spec.at && spec.at.query === name;
    const part = isOwn ? null : readBodyHash(value, body);
    return part === null ? [] : [[name, [part]] as const];
  });
  return added.length === 0 ? spec : { ...spec, addedQuery: Object.fromEntries(added) };
}

/** The text as a hash of the body; null for any other. */
function readBodyHash(text: string, body: Uint8Array): MessagePart | null {
  for (const { chain, bytes } of decodings(text)) {
    const hash = HASH_OF_LENGTH[bytes.length];
    if (hash === undefined || !digestOf(hash, [body]).equals(bytes)) continue;
    const isHex = chain.length === 1 && chain[0] === 'hex';
    return isHex ? { hash, of: ['body'] } : { encode: chain, of: [{ hash, as: 'raw', of: ['body'] }] };
  }
  return null;
}
