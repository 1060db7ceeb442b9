import type { Fact } from '../model/fact.ts';
import { jwtOf, type Jwt, type Signature } from '../model/signature.ts';

/** Clocks differ: so far in the future a token may be good from, where nobody says it. */
const LEEWAY_MS = 60_000;

/** With what the claims themselves say of the token's time: until when it is good, and from when on. */
export function withTokenTime(signature: Signature): Signature {
  const jwt = jwtOf(signature);
  if (jwt === null || !Object.values(jwt.claims).some((claim) => typeof claim === 'object' && 'time' in claim))
    return signature;
  const expires = secondsOf(jwt, 'exp');
  const notBefore = secondsOf(jwt, 'nbf');
  return {
    ...signature,
    timestamp: {
      unit: 's',
      ...(expires === null ? {} : { toleranceMs: said(expires) }),
      futureToleranceMs: { value: notBefore === null ? null : LEEWAY_MS - notBefore * 1000, certainty: 'user' },
      ...signature.timestamp,
    },
  };
}

const said = (seconds: number): Fact<number> => ({ value: seconds * 1000, certainty: 'user' });

/** How long after it was signed. */
export function secondsOf({ claims }: Jwt, name: string): number | null {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof claim === 'object' && 'time' in claim ? claim.time : null;
}
