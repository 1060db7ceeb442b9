import type { CheckedAddress } from '../../flows/callers/check-allowlist.ts';
import { painter } from '../terminal/color.ts';
import { plainLine } from '../terminal/text.ts';

/** `185.136.200.7  allowed by 185.136.200.0/22 (allow.txt:3, Mailkit)` */
export function renderCheckedAddress({ address, entry }: CheckedAddress): string {
  const { green, red } = painter(process.stdout);
  if (entry === null) return `${plainLine(address)}  ${red('not on the list')}`;
  const { text, network, hasHostBits, file, line, comment } = entry;
  const wide = hasHostBits ? `, which is ${network.text}` : '';
  const where = [`${file}:${line}`, ...(comment === null || comment === '' ? [] : [comment])].join(', ');
  return `${plainLine(address)}  ${green('allowed')} by ${text}${wide} (${plainLine(where)})`;
}
