import { flattenParts, jwtOf, type Jwt, type MessagePart, type Signature } from '../model/signature.ts';
import type { Problem } from './check-structure.ts';
import { secondsOf } from './token-time.ts';

/** What RFC 7518 has a name for, by the key that it needs. */
const FAMILIES: readonly (readonly string[])[] = [
  ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'],
  ['rsa-sha256', 'rsa-sha512', 'rsa-pss-sha512'],
  ['ecdsa-p256-sha256'],
  ['ed25519'],
];
const KNOWN = FAMILIES.flat();

/** What no token could say, or nobody could read in it. */
export function findJwtProblems(signature: Signature, path: Problem['path']): Problem[] {
  const jwt = jwtOf(signature);
  const at = [...path, 'message'];
  if (jwt === null || signature.message.length > 1)
    return flattenParts(signature.message).some(isJwt)
      ? [
          {
            path: at,
            message: 'a JWT is the whole message: expected nothing before or after it, and nothing around it',
          },
        ]
      : [];
  const inside = [...at, 0, 'jwt'];
  return [
    ...findAlgorithmProblems(signature, jwt, path, inside),
    ...findClaimProblems(jwt, [...inside, 'claims']),
    ...findTimeProblems(signature, jwt, path),
    ...findFormProblems(signature, path),
  ];
}

const isJwt = (part: MessagePart): part is { jwt: Jwt } => typeof part === 'object' && 'jwt' in part;

function findAlgorithmProblems(
  { algorithm }: Signature,
  { algorithms = [], header = {} }: Jwt,
  path: Problem['path'],
  inside: Problem['path'],
): Problem[] {
  if (!KNOWN.includes(algorithm))
    return [
      { path: [...path, 'algorithm'], message: `no JWT is signed this way: expected one of ${KNOWN.join(', ')}` },
    ];
  const family = FAMILIES.find((one) => one.includes(algorithm)) ?? [];
  return [
    ...algorithms.flatMap((one, index) =>
      family.includes(one)
        ? []
        : [
            {
              path: [...inside, 'algorithms', index],
              message: `it needs a different key than ${algorithm}: expected one of ${family.join(', ')}`,
            },
          ],
    ),
    ...['alg', 'crit'].flatMap((name) =>
      Object.hasOwn(header, name)
        ? [
            {
              path: [...inside, 'header', name],
              message: 'it follows from "algorithm", and no extensions are supported',
            },
          ]
        : [],
    ),
  ];
}

function findClaimProblems({ claims }: Jwt, path: Problem['path']): Problem[] {
  return Object.entries(claims).flatMap(([name, claim]) => {
    const parts = typeof claim === 'object' && 'text' in claim ? flattenParts(claim.text) : [];
    if (parts.includes('secret'))
      return [{ path: [...path, name], message: 'anyone can read a claim: a secret must not be in one' }];
    return parts.some(isJwt) || parts.includes('timestamp')
      ? [{ path: [...path, name], message: 'expected parts of the request; a time is written { "time": 0 }' }]
      : [];
  });
}

/** The time of a token is what its claims say. */
function findTimeProblems({ timestamp }: Signature, jwt: Jwt, path: Problem['path']): Problem[] {
  const at = [...path, 'timestamp'];
  const hasTime = Object.values(jwt.claims).some((claim) => typeof claim === 'object' && 'time' in claim);
  if (timestamp === undefined) return [];
  if (!hasTime) return [{ path: at, message: 'no claim holds a time: write one as "exp": { "time": 300 }' }];
  if (timestamp.unit !== 's')
    return [{ path: [...at, 'unit'], message: 'expected "s": the times of a JWT are seconds' }];
  if (timestamp.at !== undefined || timestamp.isOfEvent === true)
    return [{ path: at, message: 'the time of a JWT is that of its claims: expected no "at", no "isOfEvent"' }];
  const expires = secondsOf(jwt, 'exp');
  return expires !== null && timestamp.toleranceMs !== undefined && timestamp.toleranceMs.value < expires * 1000
    ? [{ path: [...at, 'toleranceMs'], message: `the claim exp says ${expires} s: expected that, or more for clocks` }]
    : [];
}

const NEEDLESS = ['encoding', 'several', 'addedQuery'] as const;

function findFormProblems(signature: Signature, path: Problem['path']): Problem[] {
  if (signature.format.includes('{t}'))
    return [{ path: [...path, 'format'], message: 'the time of a JWT is that of its claims: expected no {t} in it' }];
  return NEEDLESS.filter((key) => signature[key] !== undefined).map((key) => ({
    path: [...path, key],
    message: 'a JWT is the whole value and has its own encoding: leave this out',
  }));
}
