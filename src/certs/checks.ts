import { makeFinding, type Finding, type Server, type Check, type Conclusion } from '../model/finding.ts';

/**
 * Every check there is, in the order of a diagnosis. L: the files, offline. S: the server's certificate and addresses.
 * N: what the handshake says. P: what the endpoint does. R: who answered, and what to change.
 */
export const CHECKS = {
  L1: { id: 'L1', title: 'the certificate and private key can be read', reference: 'RFC 7468, RFC 7292' },
  L2: { id: 'L2', title: "the private key meets the vendor's rules", reference: null },
  L3: { id: 'L3', title: 'the certificate and private key belong together', reference: null },
  L4: { id: 'L4', title: 'the leaf comes first and the chain is complete', reference: 'RFC 8446 §4.4.2' },
  L5: { id: 'L5', title: 'every certificate is valid and not about to expire', reference: 'RFC 5280 §4.1.2.5' },
  L6: { id: 'L6', title: 'the certificate is meant for TLS clients', reference: 'RFC 5280 §4.2.1.3, §4.2.1.12' },
  L7: { id: 'L7', title: 'the certificate and its CA have different names', reference: 'RFC 5280 §4.2.1.1' },
  L8: { id: 'L8', title: 'the certificate is version 3', reference: 'RFC 5280 §4.1.2.1' },
  L9: { id: 'L9', title: 'the key and the signature are strong enough', reference: 'NIST SP 800-131A' },
  L10: { id: 'L10', title: 'the issuers are CAs', reference: 'RFC 5280 §4.2.1.9' },
  L11: { id: 'L11', title: 'OpenSSL accepts the certificate in a local handshake', reference: 'RFC 5280 §6' },
  L12: { id: 'L12', title: 'the chain is no longer than servers allow', reference: null },
  S1: { id: 'S1', title: "the server's own certificate is trusted", reference: 'RFC 5280 §6, RFC 9525' },
  S2: { id: 'S2', title: 'the pinned certificate is enough to trust the server', reference: null },
  S3: { id: 'S3', title: 'every address of the host behaves the same', reference: null },
  N1: { id: 'N1', title: 'the server asks for a certificate', reference: 'RFC 8446 §4.3.2, RFC 5246 §7.4.4' },
  N2: { id: 'N2', title: "the server's CA list names an issuer of the certificate", reference: 'RFC 8446 §4.2.4' },
  N3: { id: 'N3', title: 'the server accepts signatures by this type of key', reference: 'RFC 8446 §4.2.3' },
  N4: { id: 'N4', title: 'the client sends the certificate', reference: 'RFC 8446 §4.4.2' },
  N5: { id: 'N5', title: "the server's CA list contains no public CA", reference: 'RFC 8446 §4.2.4' },
  P1: { id: 'P1', title: 'a POST without a certificate is refused', reference: 'RFC 8446 §4.4.2.4' },
  P2: { id: 'P2', title: 'a POST with a self-signed certificate is refused', reference: 'RFC 5280 §6' },
  P3: { id: 'P3', title: "a POST with an impostor CA's certificate is refused", reference: 'RFC 5280 §6.1.3' },
  P4: {
    id: 'P4',
    title: 'a POST with an expired or server-only certificate is refused',
    reference: 'RFC 5280 §4.1.2.5, §4.2.1.12',
  },
  P5: { id: 'P5', title: 'a POST with the given certificate succeeds', reference: null },
  P6: { id: 'P6', title: 'TLS 1.2 and TLS 1.3 treat callers alike', reference: 'RFC 8446 §4.6.2' },
  P7: { id: 'P7', title: 'a large POST with the given certificate succeeds', reference: null },
  P8: { id: 'P8', title: 'another server name in the handshake does not bypass the check', reference: 'RFC 9110 §7.4' },
  P9: { id: 'P9', title: 'plain http does not serve the webhook', reference: null },
  P10: {
    id: 'P10',
    title: 'an unauthorised TLS session does not bypass the check',
    reference: 'CVE-2025-23419, CVE-2025-23048',
  },
  P11: { id: 'P11', title: 'a forged certificate header does not bypass the check', reference: 'RFC 9440 §4' },
  R1: { id: 'R1', title: 'which layer refuses a POST without a certificate', reference: null },
  R2: { id: 'R2', title: 'a client certificate is enforced', reference: null },
} as const satisfies Record<string, Check>;

export type CheckId = keyof typeof CHECKS;

/** A Finding of one probe: its title names the version of TLS. */
export function makeProbeFinding(
  check: Check,
  { version, durationMs }: { version: string; durationMs: number },
  conclusion: Conclusion,
): Finding {
  const title = `${check.title} (${version.replace('TLSv', 'TLS ')})`;
  return makeFinding(check, { title, durationMs, ...conclusion });
}

const IDS = Object.keys(CHECKS) as CheckId[];

/** Which findings are wanted: `--only` and `--skip`. */
export interface FindingChoice {
  only: readonly CheckId[];
  skip: readonly CheckId[];
}

export const isWanted = (id: CheckId, { only, skip }: FindingChoice): boolean =>
  (only.length === 0 || only.includes(id)) && !skip.includes(id);

/** The findings in the order of the checks, with a skip for each check that gave none; `whyNot` says its reason. */
export function selectFindings(
  findings: readonly Finding[],
  choice: FindingChoice,
  whyNot: (id: CheckId) => string,
): Finding[] {
  return IDS.filter((id) => isWanted(id, choice)).flatMap((id) => {
    const found = findings.filter((finding) => finding.id === id);
    return found.length > 0 ? found : [makeFinding(CHECKS[id], { status: 'skip', detail: whyNot(id) })];
  });
}

/** The same, with the changes for one server alone. */
export function narrowFixes(findings: readonly Finding[], server: Server | undefined): Finding[] {
  return findings.map((finding) =>
    server === undefined
      ? finding
      : { ...finding, serverFixes: finding.serverFixes.filter((fix) => fix.server === server) },
  );
}
