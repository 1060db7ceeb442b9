import type { Place } from '../rules/server-rules.ts';
import { configError, type ApacheDirective } from './parse.ts';
import { looksLikeAddress, readSubnet, type Subnet } from './subnet.ts';

/** What a section says to mod_access_compat, the Order and Allow of Apache 2.2, as far as it holds for POST. */
export interface AccessConfig {
  order: 'deny,allow' | 'allow,deny' | 'mutual-failure';
  orderPlace: Place | null;
  allows: AccessEntry[];
  denies: AccessEntry[];
  satisfy: { any: boolean; place: Place } | null;
  /** A directive that a <Limit> keeps for other methods. */
  limitedPlace: Place | null;
  /** The first directive of it. */
  place: Place;
}

export type AccessEntry = { place: Place; text: string } & (
  | { kind: 'all' }
  | { kind: 'ip'; subnet: Subnet }
  | { kind: 'env'; name: string; isSet: boolean }
  | { kind: 'host' }
);

export const ACCESS_DIRECTIVES: ReadonlySet<string> = new Set(['order', 'allow', 'deny', 'satisfy']);

const beginAccess = (place: Place): AccessConfig => ({
  order: 'deny,allow',
  orderPlace: null,
  allows: [],
  denies: [],
  satisfy: null,
  limitedPlace: null,
  place,
});

/**
 * Adds one more directive to what the section said before. One that is limited to other methods changes nothing, but it
 * is there.
 */
export function addAccess(
  before: AccessConfig | null,
  { name, words, place }: ApacheDirective,
  forPost: boolean,
): AccessConfig {
  const config = before ?? beginAccess(place);
  if (!forPost) config.limitedPlace ??= place;
  if (name === 'order') return readOrder(config, words, place, forPost);
  if (name === 'satisfy') return readSatisfy(config, words, place, forPost);
  const [from, ...wheres] = words;
  if (from?.toLowerCase() !== 'from' || wheres.length === 0)
    throw configError(place, "allow and deny must be followed by 'from' and whom");
  for (const where of wheres) {
    const entry = readEntry(where, place);
    if (forPost) (name === 'allow' ? config.allows : config.denies).push(entry);
  }
  return config;
}

function readOrder(config: AccessConfig, words: readonly string[], place: Place, forPost: boolean): AccessConfig {
  const order = words[0]?.toLowerCase();
  if (words.length !== 1 || (order !== 'deny,allow' && order !== 'allow,deny' && order !== 'mutual-failure'))
    throw configError(place, `unknown order ${words.join(' ')}`, "'deny,allow' has no space");
  return forPost ? { ...config, order, orderPlace: place } : config;
}

function readSatisfy(config: AccessConfig, words: readonly string[], place: Place, forPost: boolean): AccessConfig {
  const how = words[0]?.toLowerCase();
  if (how !== 'any' && how !== 'all') throw configError(place, "Satisfy either 'any' or 'all'");
  return forPost ? { ...config, satisfy: { any: how === 'any', place } } : config;
}

function readEntry(text: string, place: Place): AccessEntry {
  const env = /^env=(!?)(.*)$/i.exec(text);
  if (env !== null) return { kind: 'env', name: env[2] ?? '', isSet: env[1] === '', place, text };
  if (text.toLowerCase() === 'all') return { kind: 'all', place, text };
  if (text.includes('/') || looksLikeAddress(text)) {
    const subnet = readSubnet(text);
    if (subnet === null) throw configError(place, `an IP address was expected, not ${text}`);
    return { kind: 'ip', subnet, place, text };
  }
  if (text.includes('#')) throw configError(place, 'no comments are allowed here');
  return { kind: 'host', place, text };
}
