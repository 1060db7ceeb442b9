import type { Place } from '../rules/server-rules.ts';
import { configError } from './config-error.ts';
import type { Statement } from './parse.ts';

/** A `<Macro>` of mod_macro: text with holes. */
export interface Macro {
  name: string;
  parameters: readonly string[];
  body: readonly Statement[];
}

const MAX_ARGS = 64 * 1024;

export function readMacro({ place, children }: Statement, [name, ...parameters]: readonly string[]): Macro {
  if (name === undefined) throw configError(place, 'a <Macro> needs a name');
  return { name, parameters, body: children ?? [] };
}

/** The body with each parameter's name replaced wherever it stands, the longest first. */
export function fillMacro({ name, parameters, body }: Macro, values: readonly string[], place: Place): Statement[] {
  if (values.length !== parameters.length)
    throw configError(place, `the macro ${name} takes ${parameters.length} arguments, not ${values.length}`);
  const pairs = parameters
    .map((parameter, index) => [parameter, values[index] ?? ''] as const)
    .toSorted(([one], [other]) => other.length - one.length);
  const fill = (text: string): string => {
    const filled = pairs.reduce(
      (sum, [parameter, value]) => (parameter === '' ? sum : sum.replaceAll(parameter, () => value)),
      text,
    );
    if (filled.length > MAX_ARGS)
      throw configError(place, `the macro ${name} makes a line of more than ${MAX_ARGS} characters`);
    return filled;
  };
  const fillAll = (statements: readonly Statement[]): Statement[] =>
    statements.map((one) => ({
      ...one,
      args: fill(one.args),
      place: { ...one.place, text: fill(one.place.text) },
      children: one.children === null ? null : fillAll(one.children),
    }));
  return fillAll(body);
}
