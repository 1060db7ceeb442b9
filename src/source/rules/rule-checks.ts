export interface RuleCheck {
  id: string;
  /** What holds when it passes. */
  title: string;
  reference: string | null;
}

const RFC_7239 = 'https://www.rfc-editor.org/rfc/rfc7239#section-8.1';

/** What is asked of a server's rules, in the order of a report. */
export const RULE_CHECKS = {
  server: { id: 'server', title: 'the server that answers is the one meant', reference: null },
  names: { id: 'known-directives', title: 'the server knows every directive', reference: null },
  whole: { id: 'whole-configuration', title: 'the configuration was read as a whole', reference: null },
  vendor: { id: 'vendor-admitted', title: 'the vendor is admitted', reference: null },
  stranger: { id: 'stranger-refused', title: 'a stranger is refused', reference: null },
  spoof: {
    id: 'spoof-refused',
    title: 'a stranger who claims the address of the vendor is refused',
    reference: RFC_7239,
  },
  beside: { id: 'nothing-beside', title: 'nothing beside these rules decides', reference: null },
  others: { id: 'nobody-else', title: 'nobody else is admitted', reference: null },
  trap: { id: 'trap', title: 'no line does what its author hardly meant', reference: null },
} as const satisfies Record<string, RuleCheck>;
