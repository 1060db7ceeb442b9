/** Every check of `webhook allowlist lint`, in the order of its report; `severity` is what a finding of it comes to. */
export const LINT_CHECKS = [
  {
    id: 'readable',
    severity: 'fail',
    title: 'every entry is an address or network that all programs read in the same way',
  },
  { id: 'not-empty', severity: 'fail', title: 'the list is not empty' },
  { id: 'not-open', severity: 'fail', title: 'the list does not allow every address' },
  { id: 'no-documentation', severity: 'fail', title: 'no documentation placeholders' },
  { id: 'no-private', severity: 'warn', title: 'no private networks' },
  { id: 'no-unroutable', severity: 'warn', title: 'no networks that cannot call over the internet' },
  { id: 'not-wide', severity: 'warn', title: "no network wider than any single holder's (IPv4 /8, IPv6 /16)" },
  { id: 'no-host-bits', severity: 'warn', title: 'no bits are set after the prefix' },
  { id: 'no-duplicates', severity: 'warn', title: 'no duplicate networks' },
  { id: 'no-overlaps', severity: 'warn', title: 'no entry is part of another' },
  { id: 'portable', severity: 'pass', title: 'entries that some program needs in another form' },
] as const;

export type LintCheckId = (typeof LINT_CHECKS)[number]['id'];
