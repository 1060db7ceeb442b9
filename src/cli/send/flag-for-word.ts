import { builtInVendors, eventNames } from '../../vendors/registry.ts';

/** The flag that a word belongs to which was typed without one, as `shop optin`. */
export function flagForWord(word: string): string {
  if (word.includes('://')) return '--url';
  const { entries } = builtInVendors;
  if (eventNames(entries).includes(word)) return '--event';
  return entries.some(({ id }) => id === word) ? '--vendor' : '--to';
}
