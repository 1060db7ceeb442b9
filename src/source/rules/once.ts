/** Makes a function that does its work once for each object that it is given. */
export function onceFor<Given extends object, Result>(work: (given: Given) => Result): (given: Given) => Result {
  const known = new WeakMap<Given, { result: Result }>();
  return (given) => {
    const before = known.get(given);
    if (before !== undefined) return before.result;
    const result = work(given);
    known.set(given, { result });
    return result;
  };
}

/**
 * Makes a memory of what was worked out for a configuration: `once(config, key, work)` does the work for the first of
 * several equal keys alone. Keys are compared as JSON.
 */
export function makeOnce<Config extends object, Result>(): (
  config: Config,
  key: unknown,
  work: () => Result,
) => Result {
  const resultsFor = onceFor<Config, Map<string, Result>>(() => new Map());
  return (config, key, work) => {
    const known = resultsFor(config);
    const text = JSON.stringify(key);
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = work();
    known.set(text, result);
    return result;
  };
}
