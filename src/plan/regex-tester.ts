import { Script, createContext } from 'node:vm';

/**
 * An expression that takes longer on one address would hold up a mail server, too. The time is that of the clock on the
 * wall: a machine that stood still for a moment is no slow expression, so there is a second try.
 */
const TRIES_MS = [100, 400];
/** For all expressions of one run together. */
const ALL_MS = 2000;

/** Whether the expression is found in the text; null when that took too long to tell. */
export type TestRegex = (source: string, flags: string, text: string) => boolean | null;

/**
 * Tests expressions of strangers. JavaScript's engine goes back and forth, so `(a+)+$` can take longer than the universe
 * is old: each test has half a second, all together `allMs` (2 s). They are data in a context of their own, never code.
 */
export function makeRegexTester(allMs = ALL_MS): TestRegex {
  const script = new Script('new RegExp(source, flags).test(text)');
  const context = createContext({ source: '', flags: '', text: '' });
  let leftMs = allMs;
  return (source, flags, text) => {
    Object.assign(context, { source, flags, text });
    for (const tryMs of TRIES_MS) {
      if (leftMs < 1) return null;
      const beganAt = performance.now();
      try {
        return script.runInContext(context, { timeout: Math.ceil(Math.min(tryMs, leftMs)) }) === true;
      } catch {
        // Out of time, or out of the engine's own stack: either way it cannot be told.
      } finally {
        leftMs -= performance.now() - beganAt;
      }
    }
    return null;
  };
}
