import { cureText, type KnownFile, lookAt } from '../../model/file-kinds/file-kind.ts';
import { cureOfLabel } from '../../model/file-kinds/recognise-file.ts';
import { makeFinding, type Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { CertificateSigningRequest } from '../file/read-request.ts';

/**
 * L1 of what is no certificate to show: a CA file, a request, a key. `isOpened` false: it is encrypted, and stayed
 * closed.
 */
export function judgeContent(detail: string, isOpened = true): Finding {
  return makeFinding(CHECKS.L1, {
    status: isOpened ? 'pass' : 'skip',
    detail: isOpened ? detail : `${detail}; not opened: no passphrase was given`,
  });
}

/** L1 of a file that OpenSSL reads. */
export function judgeOddity({ what, cure }: KnownFile): Finding {
  return makeFinding(CHECKS.L1, {
    status: 'warn',
    detail: `${what}; OpenSSL (nginx, Apache, HAProxy, curl) reads it`,
    expected: 'PEM that every program can read',
    observed: what,
    fix: cure === null ? null : cureText(cure),
  });
}

/** L1 of a request: whoever signs it sees first whether its own key did. */
export function judgeCertificateRequest({ subject, isSignatureGood }: CertificateSigningRequest): Finding {
  const what = `a request for a certificate for ${subject}`;
  if (isSignatureGood === null) return makeFinding(CHECKS.L1, { status: 'pass', detail: `${what}; ${UNCHECKED}` });
  if (isSignatureGood) return judgeContent(what);
  return makeFinding(CHECKS.L1, {
    status: 'fail',
    detail: `${what}, with an invalid signature: no CA will sign it`,
    expected: 'a request signed with its own key',
    observed: 'an invalid signature: the request was altered or damaged',
    fix: 'create it again: openssl req -new -key KEY -out request.csr',
  });
}

const UNCHECKED = 'its signature type is not checked';

/** L1 of a file without a certificate, request or key in it; `labels` are those of its PEM. */
export function judgeForeignContent(labels: readonly string[], path: string): Finding {
  const observed = [...new Set(labels)].slice(0, 5).join(', ');
  const cure = labels[0] === undefined ? null : cureOfLabel(labels[0], lookAt(path, Buffer.alloc(0), 'any'));
  return makeFinding(CHECKS.L1, {
    status: 'fail',
    detail: `it contains ${observed}, which is not inspected`,
    expected: 'certificates, requests or keys',
    observed,
    fix: cure === null ? 'give the file with the certificate or the key' : cureText(cure),
  });
}
