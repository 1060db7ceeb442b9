import { LINT_CHECKS } from '../../source/list/lint-checks.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const allowlistsTopic = (): readonly TopicPart[] => [
  'A list has an address, CIDR or address/netmask on each line, or several separated by commas or spaces; # ' +
    'begins a comment. What two programs read as different networks (10.1, 010.0.0.1, ::ffff:192.0.2.1) is refused, ' +
    'with what each makes of it, and a list with such an entry answers nothing. An IPv4 address within IPv6 is ' +
    'looked up as IPv4.',
  'allowlist check reads addresses from standard input as the first column of each line, so an access log will ' +
    'do; each line is answered. A line without an address is reported, and the others are still answered. Exit ' +
    'code: 1 if an address is not on the list, else 5 if a line could not be read or there was none, else 0.',
  'allowlist convert --from reads what --to wrote, not just any configuration.',
  {
    title: 'Checks of allowlist lint; only a failure exits with 1:',
    terms: LINT_CHECKS.map(
      ({ id, severity, title }) => [id, `${severity === 'pass' ? 'note' : severity}: ${title}`] as const,
    ),
  },
];
