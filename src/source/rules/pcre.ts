import { createContext, Script } from 'node:vm';
import { translatePcre } from './translate-pcre.ts';

/** A match: the whole, what each group took (null: nothing), and what the named ones took. */
export interface Match {
  groups: readonly (string | null)[];
  named: Readonly<Record<string, string>>;
}

/** Null: no match. Undefined: that took too long to tell. */
export type MatchText = (text: string) => Match | null | undefined;

/** Null for an expression that JavaScript's engine would read in another way, or not at all. */
export type CompilePcre = (pattern: string, ignoreCase: boolean) => MatchText | null;

/**
 * An expression that takes longer on one path would hold up the server, too. The time is that of the clock on the wall:
 * a machine that stood still for a moment is no slow expression, so there is a second try.
 */
const TRIES_MS = [100, 400];
/** For all expressions of one configuration together. */
const ALL_MS = 2000;

const MATCH =
  '(() => { const found = new RegExp(source, flags).exec(text); return found === null ? null : JSON.stringify([[...found], { ...found.groups }]); })()';

/**
 * Perl-compatible expressions of a stranger's configuration, over bytes (one character each). JavaScript's engine goes
 * back and forth as PCRE does: `(a+)+$` can take for ever. They are data in a context of their own, with a time limit.
 */
export function makePcre(): CompilePcre {
  const script = new Script(MATCH);
  const context = createContext({ source: '', flags: '', text: '' });
  let leftMs = ALL_MS;
  const run = (source: string, flags: string, text: string): Match | null | undefined => {
    Object.assign(context, { source, flags, text });
    for (const tryMs of TRIES_MS) {
      if (leftMs < 1) return undefined;
      const beganAt = performance.now();
      try {
        return readMatch(
          script.runInContext(context, { timeout: Math.ceil(Math.min(tryMs, leftMs)) }) as string | null,
        );
      } catch {
        leftMs -= performance.now() - beganAt;
      }
    }
    return undefined;
  };
  return (pattern, ignoreCase) => {
    const translated = translatePcre(pattern, ignoreCase);
    if (translated === null) return null;
    const known = new Map<string, Match | null | undefined>();
    return (text) => {
      if (!known.has(text)) known.set(text, run(translated.source, translated.flags, text));
      return known.get(text);
    };
  };
}

function readMatch(found: string | null): Match | null {
  if (found === null) return null;
  const [groups, named] = JSON.parse(found) as [(string | null)[], Record<string, string>];
  return { groups, named };
}
