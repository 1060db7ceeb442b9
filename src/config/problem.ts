/** One thing that is wrong in a configuration, and where. Never holds a secret. */
export interface Problem {
  path: readonly (string | number)[];
  message: string;
  unknown?: { given: string; among: readonly string[] };
}

/** `webhooks[1].url`; empty for the whole. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `unknown vendor "mailkti", expected one of mailkit, mailkite` */
export function unknownName(path: Problem['path'], what: string, given: string, among: readonly string[]): Problem {
  const expected = among.length === 0 ? 'there is none' : `expected one of ${among.join(', ')}`;
  return { path, message: `unknown ${what} ${JSON.stringify(given)}, ${expected}`, unknown: { given, among } };
}
