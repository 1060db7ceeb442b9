import { addMember, repeatFirstMember } from './change-body.ts';
import { goodRequest, setHeader, withBody } from './change-request.ts';
import type { CaseTemplate, Kit, WireRequest } from './conformance-case.ts';
import { ofStrangers } from './vendor-facts.ts';

const DEPTH = 10_000;
const KEYS = 10_000;
const HEADER_BYTES = 16 * 1024;
const RFC_8259 = 'https://www.rfc-editor.org/rfc/rfc8259';

/** Something odd, rightly signed; then the endpoint must still take a good request. */
const odd = (
  id: string,
  title: string,
  make: (kit: Kit) => WireRequest,
  mistake: string,
  fix: string,
  reference = `${RFC_8259}#section-9`,
): CaseTemplate => ({
  id,
  title: `survives ${title}`,
  severity: ofStrangers,
  change: (kit) => [{ ...make(kit), key: null }, goodRequest(kit)],
  mistake,
  fix,
  reference,
});

const oddMember = (
  id: string,
  title: string,
  value: () => string | Uint8Array,
  mistake: string,
  fix: string,
): CaseTemplate =>
  odd(id, title, (kit) => withBody(kit, (body) => addMember(body, 'hookproof', value()), 'survived'), mistake, fix);

/** Nothing may break the receiver: no 5xx, and a good request afterwards is taken. */
export const ROBUST_CASES: readonly CaseTemplate[] = [
  oddMember(
    'deep-nesting',
    `JSON ${DEPTH} levels deep`,
    () => '['.repeat(DEPTH) + ']'.repeat(DEPTH),
    'a recursive parser runs out of stack, and nobody catches that',
    'catch errors of the parser and answer 400; limit the depth',
  ),
  oddMember(
    'many-keys',
    `an object of ${KEYS} keys`,
    () => `{${Array.from({ length: KEYS }, (_, index) => `"k${index}":${index}`).join(',')}}`,
    'a limit on fields throws, and nobody catches that',
    'answer 400 where there are too many, or ignore what is unknown',
  ),
  oddMember(
    'huge-numbers',
    'numbers beyond 64 bits',
    () => `[1e400,-1e400,${'9'.repeat(400)},1e-400]`,
    'a number overflows, and nobody catches that',
    'read numbers leniently; answer 400 where they do not fit',
  ),
  odd(
    'duplicate-keys',
    'a key that stands twice',
    (kit) => withBody(kit, repeatFirstMember, 'survived'),
    'a strict parser throws, and nobody catches that',
    'answer 400, or take the last value as most parsers do',
    `${RFC_8259}#section-4`,
  ),
  oddMember(
    'invalid-utf8',
    'a body that is no UTF-8',
    () => Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]),
    'decoding throws, and nobody catches that',
    'catch errors of decoding and answer 400',
  ),
  odd(
    'large-header',
    `a header of ${HEADER_BYTES / 1024} KiB`,
    (kit) => largeHeader(kit),
    'the server fails where it should answer 431 or 400',
    'limit the size of headers, and answer 431',
    'https://www.rfc-editor.org/rfc/rfc6585#section-5',
  ),
];

function largeHeader(kit: Kit): WireRequest {
  const request = goodRequest(kit, {}, {}, 'survived');
  return { ...request, headers: setHeader(request.headers, 'X-Padding', 'x'.repeat(HEADER_BYTES)) };
}
