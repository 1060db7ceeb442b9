import type { RequestContext } from './request-context.ts';
import type { Groups, RewriteScope } from './run-rewrite.ts';
import { knowsVariable, readVariable } from './variables.ts';

export interface TextScope extends Groups {
  scope: RewriteScope;
  context: RequestContext;
}

const MAX_LENGTH = 64 * 1024;

/** `$1`, `%1` and `%{NAME}` replaced; undefined when the configuration does not tell: a RewriteMap, a file's name. */
export function fillText(text: string, { rule, condition, scope, context }: TextScope): string | undefined {
  let isKnown = !/\$\{/.test(text);
  const filled = text.replace(
    /\\(.)|\$(\d)|%(\d)|%\{([^}]*)\}/g,
    (
      _,
      plain: string | undefined,
      dollar: string | undefined,
      percent: string | undefined,
      name: string | undefined,
    ) => {
      if (plain !== undefined) return plain;
      if (dollar !== undefined) return rule[Number(dollar)] ?? '';
      if (percent !== undefined) return condition[Number(percent)] ?? '';
      const value = readRewriteVariable(name ?? '', scope, context);
      isKnown &&= value !== undefined;
      return value ?? '';
    },
  );
  return isKnown && filled.length <= MAX_LENGTH ? filled : undefined;
}

function readRewriteVariable(
  name: string,
  { filename, documentRoot }: RewriteScope,
  context: RequestContext,
): string | undefined {
  if (name === 'REQUEST_FILENAME' || name === 'SCRIPT_FILENAME') return filename;
  if (name === 'DOCUMENT_ROOT') return documentRoot ?? undefined;
  const value = readVariable(name, context);
  // mod_rewrite knows few headers by such a name: HTTP_X_FORWARDED_FOR is none of them, and empty.
  return value === undefined && name.startsWith('HTTP_') && !knowsVariable(name) ? '' : value;
}
