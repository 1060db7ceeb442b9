/** RFC 7208, section 4.6.4, for the same reason: whoever writes a PTR must not decide how much work we have. */
export const MAX_NAMES = 10;

const MAX_NAME_LENGTH = 253;
/**
 * A name that a host can have, and the underscore that some have. It keeps out a dot within a label, which node:dns shows
 * as `x\.mail-plus.com`: a name right below `com`, though it ends with `.mail-plus.com`.
 */
const HOST_NAME = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** The names of an address, and which of them are looked up. */
export interface ChosenNames {
  /** Lower-case, without the last dot, each once: the first ten that a host can have. */
  names: readonly string[];
  /** Of them, those below the suffix, or the suffix itself. */
  matching: readonly string[];
  /** What no host can be called, as it came. */
  unusable: readonly string[];
  /** How many were left out behind the tenth. */
  leftOut: number;
}

/** @param suffix lower-case, without dots at its ends */
export function chooseNames(records: readonly string[], suffix: string): ChosenNames {
  const all = [...new Set(records.map((record) => record.toLowerCase().replace(/\.$/, '')))].filter(
    (name) => name !== '',
  );
  const usable = all.filter(isHostName);
  const names = usable.slice(0, MAX_NAMES);
  return {
    names,
    matching: names.filter((name) => isBelow(name, suffix)),
    unusable: all.filter((name) => !isHostName(name)),
    leftOut: usable.length - names.length,
  };
}

/** At a dot: `evilmail-plus.com` ends with `mail-plus.com`, and belongs to somebody else. */
export function isBelow(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}

export function isHostName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && HOST_NAME.test(name);
}
