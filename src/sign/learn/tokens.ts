import type { MessagePart, RequestPlace, Signature } from '../../model/signature.ts';
import type { Carrier } from './carriers.ts';
import { listKeys } from './key-candidates.ts';

/** Shorter ones may stand anywhere by chance. */
const SHORTEST = 8;

/** The secret itself, sent as it is or as user and password. */
export function listTokens(carriers: readonly Carrier[], secret: string): Signature[] {
  return carriers.flatMap((carrier) => [...plainTokens(carrier, secret), ...basicTokens(carrier, secret)]);
}

function plainTokens({ at, text, rank }: Carrier, secret: string): Signature[] {
  // The key without its prefix, or what it decodes to, is sent by some as a text.
  return listKeys(secret).flatMap(({ form, bytes }): Signature[] => {
    const value = bytes.toString('utf8');
    const start = text.indexOf(value);
    if (start === -1 || (value.length < SHORTEST && (rank !== 0 || value.length < 3))) return [];
    const [before, behind] = [text.slice(0, start), text.slice(start + value.length)];
    if (before + behind !== '' && !isScheme(before, behind, at)) return [];
    const format = `${before}{v}${behind}`;
    return [{ algorithm: 'token', message: ['secret'], ...(form && { key: form }), at, format }];
  });
}

/** `Bearer …`, `Token token="…"`: what somebody writes into a body is no place of a token. */
function isScheme(before: string, behind: string, at: RequestPlace): boolean {
  return (
    !('json' in at || 'form' in at) && /^[\w-]{1,30}[ =:]+(?:[\w-]{1,20}=)?"?$/.test(before) && /^"?$/.test(behind)
  );
}

/** RFC 7617. The secret is `user:password`, or one of the two. */
function basicTokens({ at, text }: Carrier, secret: string): Signature[] {
  const [, scheme = '', encoded = ''] = /^(Basic +)?([A-Za-z0-9+/]{8,}={0,2})$/i.exec(text) ?? [];
  if (encoded === '' || secret === '') return [];
  const plain = Buffer.from(encoded, 'base64').toString('utf8');
  const message = basicMessage(plain, secret);
  if (message === null || (scheme === '' && plain !== secret)) return [];
  return [{ algorithm: 'token', message, encoding: ['base64'], at, format: `${scheme}{v}` }];
}

function basicMessage(plain: string, secret: string): MessagePart[] | null {
  if (plain === secret) return ['secret'];
  if (plain.endsWith(`:${secret}`)) return [{ text: plain.slice(0, -secret.length) }, 'secret'];
  return plain === `${secret}:` ? ['secret', { text: ':' }] : null;
}
