import type { Header } from './plan.ts';
import type { Evidence } from './fact.ts';

/** What may be told of a client certificate in headers, each in the encodings of those who tell it. */
export interface ClaimedCertificate {
  /** RFC 2253, as nginx writes it: `CN=client,O=Example`. */
  subject: string;
  issuer: string;
  /** As OpenSSL wrote names before: `/O=Example/CN=client`. */
  subjectLegacy: string;
  issuerLegacy: string;
  commonName: string;
  /** Percent-encoded. */
  issuerEscaped: string;
  subjectEscaped: string;
  /** Hexadecimal. */
  serial: string;
  /** `4a:3f:5c` */
  serialColons: string;
  serialDecimal: string;
  /** Of the certificate, hexadecimal. */
  sha1: string;
  sha256: string;
  sha256Base64: string;
  /** `2026-01-31T12:00:00Z` */
  notBefore: string;
  notAfter: string;
  derBase64: string;
  /** Of the certificate that issued it or, where that is not known, of itself. */
  issuerDerBase64: string;
  /** Its names alone. */
  subjectNameDerBase64: string;
  issuerNameDerBase64: string;
  /** In one line, with spaces for the ends of lines. */
  pemLine: string;
  /** Percent-encoded throughout. */
  pemEscaped: string;
  /** Percent-encoded but for `+`, `/` and `=`. */
  pemPartlyEscaped: string;
}

/**
 * The headers in which one kind of proxy tells its application of a client certificate. In a value, `{subject}` and the
 * like stand for a property of ClaimedCertificate.
 */
export interface CertificateClaims extends Evidence {
  /** Who writes them. */
  proxy: string;
  source: string;
  headers: readonly Header[];
}

/** The headers as they go on the wire. Throws for a value that names no property. */
export function writeClaims(headers: readonly Header[], certificate: ClaimedCertificate): Header[] {
  return headers.map(([name, value]) => [
    name,
    value.replaceAll(/\{(\w+)\}/g, (_, property: string) => {
      const told = certificate[property as keyof ClaimedCertificate] as string | undefined;
      if (told === undefined) throw new Error(`${name}: no certificate has a ${property}`);
      return told;
    }),
  ]);
}
