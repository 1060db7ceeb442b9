import { effective, isOn, handlerOf, own } from './levels.ts';
import { noteBodyLimit } from '../rules/server-rules.ts';
import { findHops, sayServer } from './hop.ts';
import { fromBytes } from './lex.ts';
import { locationOf } from './routing.ts';
import type { NginxDirective } from './parse.ts';
import { end, type Next, type NextRefusal, isUnknown, type RequestState, refuseWith, ask, assume } from './request.ts';
import { beforeQuery, fillIn } from './variables.ts';

interface ErrorPage {
  directive: NginxDirective;
  codes: readonly number[];
  /** `=200`; 0 for `=`: that of the page; null: the code itself. */
  status: number | null;
  target: string;
}

/**
 * One page for a request, unless they are recursive.
 * https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page
 */
export function findErrorPage(state: RequestState, { status, reason, isUnsure }: NextRefusal): Next {
  state.errorStatus = status;
  if (status >= 300) state.refusal ??= reason;
  const pages = pagesOf(state);
  if (!state.hasErrorPage && pages.length > 0 && state.changesLeft > 0) {
    state.hasErrorPage = !isOn(state.level, 'recursive_error_pages', false);
    const page = pages.find(({ codes }) => codes.includes(status));
    if (page !== undefined) return takePage(state, page, status);
  }
  const last = end(state, status, reason);
  return isUnsure && last.go === 'end' ? { ...last, ending: { ...last.ending, status: null } } : last;
}

export const hasErrorPage = (state: RequestState, ...codes: readonly number[]): boolean =>
  !state.hasErrorPage && pagesOf(state).some((page) => codes.some((code) => page.codes.includes(code)));

function pagesOf({ level }: RequestState): ErrorPage[] {
  return effective(level, 'error_page').map((directive) => {
    const words = directive.args.slice(0, -1);
    const change = words.find((word) => word.startsWith('='));
    return {
      directive,
      codes: words.filter((word) => word !== change).map(Number),
      status: change === undefined ? null : Number(change.slice(1)),
      target: directive.args.at(-1) ?? '',
    };
  });
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function takePage(state: RequestState, { directive: { place }, status, target }: ErrorPage, code: number): Next {
  state.errorPage = place;
  if (status !== null) state.errorStatus = status;
  else if (code >= 494 && code <= 497) state.errorStatus = 400;
  const page = fillIn(state, beforeQuery(target), place);
  if (isUnknown(page)) {
    state.doubts.push({ place, text: page.unknown });
    return { go: 'end', ending: { outcome: 'undecided', status: null, place, because: page.unknown } };
  }
  if (page.startsWith('@')) return { go: 'named', name: page };
  if (page.startsWith('/')) {
    // The page is fetched, not posted to: limit_except and handlers see a GET.
    state.method = 'GET';
    return { go: 'redirect', path: beforeQuery(page) };
  }
  if (status === null || !REDIRECTS.has(status)) state.errorStatus = 302;
  return end(state, state.errorStatus, { place, because: place.text });
}

/** The page of a refused request is mirrored like any other, with the body that was refused. */
function askMirror(state: RequestState): Next | null {
  if (state.refusal === null) return null;
  for (const { args, place } of effective(state.level, 'mirror')) {
    const { location } = args[0] === 'off' ? { location: null } : locationOf(state, args[0] ?? '');
    if (location === null || handlerOf(location)?.kind !== 'application') continue;
    const text = `${fromBytes(place.text)} passes the refused request to an application through its error page`;
    if (ask(state, `mirror ${place.file}:${place.line}`, { place, text }))
      return { go: 'end', ending: { outcome: 'admitted', status: null, place, because: text } };
  }
  return null;
}

/** Nobody refused the caller: who answers? */
export function answerContent(state: RequestState): Next {
  const mirrored = askMirror(state);
  if (mirrored !== null) return mirrored;
  const [tryFiles] = own(state.level, 'try_files');
  const elsewhere = tryFiles === undefined ? null : goThroughFiles(state, tryFiles);
  if (elsewhere !== null) return elsewhere;
  if (state.handler === null) return answerFile(state);
  const { kind, place } = state.handler;
  if (isOfAnotherIf(state))
    return refuseWith(500, { place, because: `${place.text} is in an earlier if: nginx has no upstream here` });
  if (kind === 'get-only')
    return state.method === 'GET'
      ? end(state, 200, { place, because: place.text })
      : refuseWith(405, { place, because: `${place.text} does not accept POST` });
  return callApplication(state);
}

/**
 * Of two `if` that hold, the last one's settings count, and with them its upstream: that of the location around it, or
 * none. What the earlier one hands requests to stays, and fails (`no upstream configuration`).
 */
function isOfAnotherIf({ level, handler }: RequestState): boolean {
  if (level.kind !== 'if' || level.parent?.kind !== 'location' || handler?.staysInLimitExcept !== true) return false;
  return handlerOf(level) === null && handlerOf(level.parent)?.staysInLimitExcept !== true;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

/** The limit that a line sets; where none does, 1 MiB is allowed, and that is a matter of webhook test. */
function noteLimit(state: RequestState): void {
  const [limit] = effective(state.level, 'client_max_body_size');
  const [, number, unit = ''] = /^(\d+)([kmg]?)$/i.exec(limit?.args[0] ?? '') ?? [];
  if (limit === undefined || number === undefined) return;
  const note = noteBodyLimit(Number(number) * (UNITS.get(unit.toLowerCase()) ?? 1), limit.place);
  if (note !== null) assume(state, note);
}

/** Another server of the same file has its own say. Null: the request arrives there. */
function followHop(state: RequestState): Next | null {
  const { handler, config } = state;
  if (handler === null) return null;
  const { place } = handler;
  for (const { server, restricts } of findHops(config, handler.target)) {
    const where = sayServer(server);
    const text = `${fromBytes(place.text)} leads to the server at ${where}, which sees this server as the caller`;
    if (!restricts) assume(state, { place, text });
    else if (!ask(state, `hop ${where}`, { place, text: `${text} and has its own rules` }))
      return { go: 'end', ending: { outcome: 'refused', status: null, place, because: text } };
  }
  return null;
}

function callApplication(state: RequestState): Next {
  const reason = state.passed ?? {
    place: state.level.place ?? state.server.place,
    because: 'no allow or deny applies here',
  };
  if (state.method === 'POST') {
    noteLimit(state);
    const next = followHop(state);
    if (next !== null) return next;
    // The application has the whole request, whatever status an error page makes of its answer.
    const because =
      state.refusal === null ? reason.because : `${state.refusal.because}, but the error page passes the request on`;
    const place = state.refusal === null ? reason.place : state.errorPage;
    return {
      go: 'end',
      ending: { outcome: 'admitted', status: state.errorStatus > 0 ? state.errorStatus : null, place, because },
    };
  }
  const place = state.errorPage ?? state.handler?.place ?? null;
  if (state.errorStatus > 0) {
    if (state.refusal !== null && place !== null && state.errorStatus >= 300) {
      // The caller sees the refusal, and the application the refused request with its body.
      const application = fromBytes(state.handler?.place.text ?? '');
      const text = `the error page passes the refused request to the application behind "${application}"`;
      if (ask(state, `error page ${place.file}:${place.line}`, { place, text }))
        return { go: 'end', ending: { outcome: 'admitted', status: null, place, because: text } };
    }
    return end(state, state.errorStatus, reason);
  }
  if (place !== null) state.doubts.push({ place, text: 'the error page gets its status from the application' });
  return {
    go: 'end',
    ending: {
      outcome: 'undecided',
      status: null,
      place,
      because: 'the error page gets its status from the application',
    },
  };
}

/** Names the file that the path itself stands for. */
const OWN_FILE = /\$(?:request_filename|uri|document_uri|fastcgi_script_name)\b/;

/**
 * What `try_files` leads to when its files are not there; null when the location goes on with one that is. A script is
 * taken to be there; the path of a webhook that no application is called for by file is taken to be no file.
 */
function goThroughFiles(state: RequestState, { args, place }: NginxDirective): Next | null {
  const last = args.at(-1) ?? '';
  const doubt = (text: string): { place: typeof place; text: string } => ({ place, text });
  if (state.handler?.kind === 'application') {
    const isOwnFile = args.some((name) => OWN_FILE.test(name));
    if (!isOwnFile || !last.startsWith('=')) {
      if (ask(state, `a file at ${state.path}`, doubt(`whether there is a file at ${fromBytes(state.path)}`)))
        return null;
    } else {
      assume(state, doubt(`a file is assumed to be at ${fromBytes(state.path)}`));
      return null;
    }
  } else assume(state, doubt(`no file is assumed to be at ${fromBytes(state.path)}`));
  if (last.startsWith('=')) return refuseWith(Number(last.slice(1)), { place, because: place.text });
  if (last.startsWith('@')) return { go: 'named', name: last };
  const path = fillIn(state, beforeQuery(last), place);
  if (!isUnknown(path)) return { go: 'redirect', path: beforeQuery(path) };
  state.doubts.push(doubt(path.unknown));
  return { go: 'end', ending: { outcome: 'undecided', status: null, place, because: path.unknown } };
}

/** Files answer GET. A POST gets 405 for a file, 301 for a folder, 403 for one without index, 404 for none of these. */
function answerFile(state: RequestState): Next {
  const place = state.level.place ?? state.server.place;
  const because = 'no handler accepts the POST: nginx looks for a file';
  const index = state.path.endsWith('/') ? indexOf(state) : null;
  if (index !== null) return { go: 'redirect', path: index };
  if (state.method === 'GET') {
    if (place !== null)
      assume(state, { place: state.errorPage ?? place, text: `a file is assumed to be at ${fromBytes(state.path)}` });
    return end(state, 200, { place, because });
  }
  const [present, absent] = state.path.endsWith('/') ? [403, 404] : [405, 404];
  if (!hasErrorPage(state, 301, present, absent) || place === null) return refuseWith(absent, { place, because }, true);
  const isThere = ask(state, `a file at ${state.path}`, {
    place,
    text: `whether there is a file at ${fromBytes(state.path)}`,
  });
  return refuseWith(isThere ? present : absent, { place, because });
}

/** The index of a folder that is a script. Other indexes are files, and answer no POST. */
function indexOf(state: RequestState): string | null {
  for (const { args, place } of effective(state.level, 'index')) {
    for (const name of args) {
      const path = name.startsWith('/') ? name : `${state.path}${name}`;
      const { location } = locationOf(state, path);
      if (location === null || handlerOf(location)?.kind !== 'application') continue;
      if (!name.startsWith('/')) assume(state, { place, text: `a file is assumed to be at ${fromBytes(path)}` });
      return path;
    }
  }
  return null;
}
