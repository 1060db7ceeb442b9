/** Every check of `webhook allowlist lint`, in the order of its report; `severity` is what a finding of it comes to. */
export const LINT_CHECKS = [
  { id: 'readable', severity: 'fail', title: 'every entry is an address or network that all programs read alike' },
  { id: 'not-empty', severity: 'fail', title: 'the list admits somebody' },
  { id: 'not-open', severity: 'fail', title: 'the list does not admit everybody' },
  { id: 'no-documentation', severity: 'fail', title: 'no placeholders: networks of the documentation' },
  { id: 'no-private', severity: 'warn', title: 'no private networks' },
  { id: 'no-unroutable', severity: 'warn', title: 'no networks that no call over the Internet comes from' },
  { id: 'not-wide', severity: 'warn', title: 'no network wider than one holder has (IPv4 /8, IPv6 /16)' },
  { id: 'no-host-bits', severity: 'warn', title: 'no bits are set behind a prefix' },
  { id: 'no-duplicates', severity: 'warn', title: 'no network is there twice' },
  { id: 'no-overlaps', severity: 'warn', title: 'no entry lies within another' },
  { id: 'portable', severity: 'pass', title: 'entries that a program wants in another form are named' },
] as const;

export type LintCheckId = (typeof LINT_CHECKS)[number]['id'];
