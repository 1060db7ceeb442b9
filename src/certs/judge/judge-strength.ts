import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { readDetails } from '../file/certificate-details.ts';
import { describePublicKey, keyText, type OwnKey } from '../file/own-certificate.ts';
import { isSelfSigned, listSome, nameOf } from './client-chain.ts';
import { makeFinding } from './finding.ts';
import { withArticle } from './with-article.ts';

const EXPECTED = 'RSA of 2048 bits or more, or EC of 224 or more; a signature with SHA-256 or better';

/** L9: keys and signatures of a chain. What a root says of itself proves nothing, so its signature may be weak. */
export function judgeStrength(certificates: readonly X509Certificate[]): Finding {
  const weak = certificates.flatMap((one) => {
    const why = [
      weakKey(describePublicKey(one)),
      !isSelfSigned(one) && readDetails(one).isSignatureWeak ? `is signed with ${readDetails(one).signature}` : null,
    ];
    return why.filter((reason) => reason !== null).map((reason) => `${nameOf(one)} ${reason}`);
  });
  return conclude(
    weak,
    certificates[0] === undefined
      ? ''
      : `${keyText(describePublicKey(certificates[0]))}, ${readDetails(certificates[0]).signature}`,
  );
}

/** L9 of a key alone. */
export function judgeKeyStrength(key: Omit<OwnKey, 'encrypted'>): Finding {
  const why = weakKey(key);
  return conclude(why === null ? [] : [`the key ${why}`], keyText(key));
}

function conclude(weak: readonly string[], observed: string): Finding {
  if (weak.length === 0) return makeFinding(CHECKS.L9, null, { status: 'pass', detail: observed }, 0);
  return makeFinding(
    CHECKS.L9,
    null,
    {
      status: 'fail',
      detail: listSome(weak),
      expected: EXPECTED,
      observed,
      fix: 'have it issued again with a new key (RSA 2048 or P-256) and SHA-256: OpenSSL, as Debian and Red Hat set it up, refuses this one',
    },
    0,
  );
}

function weakKey(key: Omit<OwnKey, 'encrypted'>): string | null {
  const least = key.type === 'ec' ? 224 : key.type.startsWith('rsa') || key.type === 'dsa' ? 2048 : 0;
  return key.bits !== null && key.bits < least ? `has ${withArticle(keyText(key))} key, which is too short` : null;
}
