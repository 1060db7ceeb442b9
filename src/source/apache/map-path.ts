import type { DirConfig } from './dir-config.ts';
import type { Alias, Prefix, ProxyPass, Redirect } from './mappings.ts';
import { findGroups, prefixLength } from './pattern.ts';
import { type RequestContext, answerWith, type ApacheVerdict } from './request-context.ts';
import { runRewrite } from './rewrite.ts';
import type { Place } from '../rules/server-rules.ts';
import type { ApacheServer } from './server.ts';

/** Where a path leads. */
export type Mapped =
  | { kind: 'answer'; verdict: ApacheVerdict }
  | { kind: 'proxied'; name: string; place: Place }
  /** `root` is there; whether anything below it is, the configuration does not say. */
  | { kind: 'file'; root: string; rest: string };

/**
 * The phase of translation: mod_rewrite before mod_proxy before mod_alias before DocumentRoot. May change
 * `context.uri`.
 */
export function mapPath(server: ApacheServer, config: DirConfig, context: RequestContext): Mapped {
  const rewritten = config.rewrite?.isOn === true ? rewrite(server, context) : null;
  if (rewritten !== null) return rewritten;
  return (
    findProxy(server, config, context) ??
    findRedirect(
      [...config.redirects.filter(({ prefix }) => prefix.kind === 'section'), ...server.redirects],
      context,
    ) ??
    findAlias(server, config, context) ??
    inDocumentRoot(server, context.uri)
  );
}

function rewrite(server: ApacheServer, context: RequestContext): Mapped | null {
  const scope = {
    filename: context.uri,
    documentRoot: server.documentRoot?.path ?? null,
    subjectOf: (path: string) => path,
  };
  const result = runRewrite(server.rewriteRules, context.uri, scope, context);
  if (result.kind === 'unchanged') return null;
  if (result.kind === 'answer') return result;
  if (result.kind === 'proxy') return { kind: 'proxied', name: result.target, place: result.place };
  // Every section may say another thing of a path that is not known.
  if (result.kind === 'unknown') {
    const isAdmitted = context.ask(result.place, 'where RewriteRule leads');
    const because = 'RewriteRule leads to another place';
    return { kind: 'answer', verdict: { isAdmitted, status: null, place: result.place, because } };
  }
  if (result.isPassedOn) {
    context.uri = result.path;
    return null;
  }
  if (!result.path.startsWith('/'))
    return { kind: 'answer', verdict: answerWith(400, result.place, 'RewriteRule does not lead to a path') };
  return inDocumentRoot(server, result.path);
}

const inDocumentRoot = ({ documentRoot }: ApacheServer, path: string): Mapped => ({
  kind: 'file',
  root: documentRoot?.path ?? '/var/www/html',
  rest: path,
});

/** How much of the path a prefix takes; null: it is not for this path. */
function takes(prefix: Prefix, place: Place, context: RequestContext): number | null {
  if (prefix.kind === 'section') return context.uri.length;
  if (prefix.kind === 'regex')
    return findGroups(prefix.match, prefix.text, context.uri, place, context.ask) === null ? null : context.uri.length;
  return prefixLength(prefix.text, context.uri) || null;
}

/** The one of the <Location> comes first. One for `!` ends the search. */
function findProxy({ proxyPasses }: ApacheServer, { proxyPass }: DirConfig, context: RequestContext): Mapped | null {
  if (context.env.has('no-proxy')) return null;
  const ordered: readonly ProxyPass[] = proxyPass === null ? proxyPasses : [proxyPass, ...proxyPasses];
  for (const { prefix, target, place } of [
    ...ordered.filter(({ isEncoded }) => isEncoded),
    ...ordered.filter(({ isEncoded }) => !isEncoded),
  ]) {
    const length = takes(prefix, place, context);
    if (length === null) continue;
    return target === '!' ? null : { kind: 'proxied', name: fillTarget(prefix, target, context, length), place };
  }
  return null;
}

function fillTarget(prefix: Prefix, target: string, { uri }: RequestContext, length: number): string {
  if (prefix.kind !== 'regex') return target + uri.slice(length);
  const groups = prefix.match?.(uri)?.groups ?? [uri];
  const filled = target.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '');
  return filled === target ? target + uri : filled;
}

export function findRedirect(
  redirects: readonly Redirect[],
  context: RequestContext,
): (Mapped & { kind: 'answer' }) | null {
  for (const { prefix, status, place } of redirects) {
    if (takes(prefix, place, context) !== null)
      return {
        kind: 'answer',
        verdict: answerWith(status, place, `${place.text.split(/\s/, 1)[0] ?? 'Redirect'} answers ${status}`),
      };
  }
  return null;
}

function findAlias({ aliasList }: ApacheServer, { alias }: DirConfig, context: RequestContext): Mapped | null {
  const ordered: readonly Alias[] = alias === null ? aliasList : [alias, ...aliasList];
  for (const { prefix, target, place } of ordered) {
    const length = takes(prefix, place, context);
    if (length === null) continue;
    const path = fillTarget(prefix, target, context, length);
    if (prefix.kind !== 'prefix') return { kind: 'file', root: path, rest: '' };
    const rest = context.uri.slice(length);
    return rest === '' || rest.startsWith('/') || target.endsWith('/')
      ? { kind: 'file', root: target.replace(/\/$/, ''), rest: rest === '' || rest.startsWith('/') ? rest : `/${rest}` }
      : { kind: 'file', root: path, rest: '' };
  }
  return null;
}
