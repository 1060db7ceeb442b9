import type { X509Certificate } from 'node:crypto';
import type { ClaimedCertificate } from '../../model/certificate-claim.ts';
import { commonNameOf, issuerNameOf, subjectNameOf, writeName } from '../der.ts';
import { readDetails } from './certificate-details.ts';

/** What a proxy would tell of this certificate. `issuer` null: it is not known. Throws AppError `input` for odd DER. */
export function claimOf(certificate: X509Certificate, issuer: X509Certificate | null): ClaimedCertificate {
  const [subjectName, issuerName] = [subjectNameOf(certificate), issuerNameOf(certificate)];
  const [subject, issuedBy] = [subjectName, issuerName].map((name) => writeName(name, 'rfc2253') ?? '') as [
    string,
    string,
  ];
  const { notBefore, notAfter } = readDetails(certificate);
  const serial = certificate.serialNumber.padStart(2, '0');
  const sha256 = hexOf(certificate.fingerprint256);
  const pem = certificate.toString();
  return {
    subject,
    issuer: issuedBy,
    subjectLegacy: writeName(subjectName, 'legacy') ?? '',
    issuerLegacy: writeName(issuerName, 'legacy') ?? '',
    commonName: commonNameOf(subjectName),
    subjectEscaped: encodeURIComponent(subject),
    issuerEscaped: encodeURIComponent(issuedBy),
    serial,
    serialColons: (serial.toLowerCase().match(/../g) ?? []).join(':'),
    serialDecimal: BigInt(`0x${serial}`).toString(),
    sha1: hexOf(certificate.fingerprint),
    sha256,
    sha256Base64: Buffer.from(sha256, 'hex').toString('base64'),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    derBase64: certificate.raw.toString('base64'),
    issuerDerBase64: (issuer ?? certificate).raw.toString('base64'),
    subjectNameDerBase64: subjectName.toString('base64'),
    issuerNameDerBase64: issuerName.toString('base64'),
    pemLine: pem.trim().replaceAll('\n', ' '),
    pemEscaped: encodeURIComponent(pem),
    pemPartlyEscaped: encodeURIComponent(pem).replaceAll(/%(?:2B|2F|3D)/g, decodeURIComponent),
  };
}

/** From `AB:CD`. */
const hexOf = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

const timeOf = (ms: number): string => (Number.isNaN(ms) ? '' : new Date(ms).toISOString().replace('.000', ''));
