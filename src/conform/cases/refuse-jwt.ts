import { goodRequest, withChangedValue } from '../change-request.ts';
import type { CaseTemplate } from '../conformance-case.ts';

const RFC_8725 = 'https://www.rfc-editor.org/rfc/rfc8725';
const FIX = 'verify with the one documented algorithm, and never read it from the token';

/** The token itself says how it is to be verified: who believes it can be told anything. */
export const JWT_CASES: readonly CaseTemplate[] = [
  {
    id: 'jwt-unsigned',
    title: 'a JWT that claims to be unsigned (alg: none) is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'jwt',
    change: (factory) =>
      UNSIGNED.flatMap(({ label, change }) =>
        withChangedValue(factory, change).map((request) => ({ ...request, label })),
      ),
    mistake: 'the algorithm is read from the token, and none counts as one',
    fix: FIX,
    reference: RFC_8725,
  },
  {
    id: 'jwt-key-confusion',
    title: 'a JWT signed by HMAC with the public key as its secret is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'public-key-jwt',
    change: (factory) =>
      (['public-key', 'public-key-trimmed'] as const).map((secret) => ({
        ...goodRequest(factory, {}, { secret }, 'refused'),
        label: secret === 'public-key' ? 'the PEM text' : 'the PEM text without its last line break',
      })),
    mistake: 'the algorithm is read from the token, so that the public key becomes the secret of an HMAC',
    fix: FIX,
    reference: RFC_8725,
  },
];

const UNSIGNED: readonly { label: string; change: (token: string) => string }[] = [
  ...['none', 'None', 'NONE', 'nOnE'].map((alg) => ({
    label: `alg: ${alg}`,
    change: (token: string) => withAlg(token, alg),
  })),
  { label: 'no signature, with the correct alg', change: (token) => token.replace(/[^.]*$/, '') },
  { label: 'only two parts', change: (token) => token.replace(/\.[^.]*$/, '') },
];

/** The claims as they were, and no signature. */
function withAlg(token: string, alg: string): string {
  const [, claims = ''] = token.split('.');
  return `${Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url')}.${claims}.`;
}
