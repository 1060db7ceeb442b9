import { hasErrorPage } from './error-page.ts';
import { handlerOf } from './handlers.ts';
import { fromBytes } from './lex.ts';
import { effective, own } from './levels.ts';
import { locationOf } from './location-of.ts';
import { end, refuse, type Next } from './next.ts';
import type { Directive } from './parse.ts';
import { beforeQuery } from './template.ts';
import { fillIn } from './variables.ts';
import { ask, assume, isUnknown, type Walk } from './walk.ts';

/** Nobody refused the caller: who answers? */
export function answerContent(walk: Walk): Next {
  const [tryFiles] = own(walk.level, 'try_files');
  const elsewhere = tryFiles === undefined ? null : goThroughFiles(walk, tryFiles);
  if (elsewhere !== null) return elsewhere;
  if (walk.handler === null) return answerFile(walk);
  const { kind, place } = walk.handler;
  if (kind === 'get-only')
    return walk.method === 'GET'
      ? end(walk, 200, { place, because: place.text })
      : refuse(405, { place, because: `${place.text} takes no POST` });
  return callApplication(walk);
}

function callApplication(walk: Walk): Next {
  const reason = walk.passed ?? {
    place: walk.level.place ?? walk.server.place,
    because: 'no allow or deny applies here',
  };
  if (walk.method === 'POST') {
    // The application has the whole request, whatever status an error page makes of its answer.
    const because =
      walk.refusal === null ? reason.because : `${walk.refusal.because}, but the error page hands the request on`;
    const place = walk.refusal === null ? reason.place : walk.errorPage;
    return {
      go: 'end',
      ending: { outcome: 'admitted', status: walk.errorStatus > 0 ? walk.errorStatus : null, place, because },
    };
  }
  if (walk.errorStatus > 0) return end(walk, walk.errorStatus, reason);
  const place = walk.errorPage ?? walk.handler?.place ?? null;
  if (place !== null) walk.doubts.push({ place, text: 'the error page gets its status from the application' });
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
export const OWN_FILE = /\$(?:request_filename|uri|document_uri|fastcgi_script_name)\b/;

/**
 * What `try_files` leads to when its files are not there; null when the location goes on with one that is. A script is
 * taken to be there; the path of a webhook that no application is called for by file is taken to be no file.
 */
function goThroughFiles(walk: Walk, { args, place }: Directive): Next | null {
  const last = args.at(-1) ?? '';
  const doubt = (text: string): { place: typeof place; text: string } => ({ place, text });
  if (walk.handler?.kind === 'application') {
    const isOwnFile = args.some((name) => OWN_FILE.test(name));
    if (!isOwnFile || !last.startsWith('=')) {
      if (ask(walk, `a file at ${walk.path}`, doubt(`whether there is a file at ${fromBytes(walk.path)}`))) return null;
    } else {
      assume(walk, doubt(`a file is taken to be at ${fromBytes(walk.path)}`));
      return null;
    }
  } else assume(walk, doubt(`no file is taken to be at ${fromBytes(walk.path)}`));
  if (last.startsWith('=')) return refuse(Number(last.slice(1)), { place, because: place.text });
  if (last.startsWith('@')) return { go: 'named', name: last };
  const path = fillIn(walk, beforeQuery(last), place);
  if (!isUnknown(path)) return { go: 'redirect', path: beforeQuery(path) };
  walk.doubts.push(doubt(path.unknown));
  return { go: 'end', ending: { outcome: 'undecided', status: null, place, because: path.unknown } };
}

/** Files answer GET. A POST gets 405 for a file, 301 for a folder, 403 for one without index, 404 for none of these. */
function answerFile(walk: Walk): Next {
  const place = walk.level.place ?? walk.server.place;
  const because = 'no handler takes the POST: nginx looks for a file';
  const index = walk.path.endsWith('/') ? indexOf(walk) : null;
  if (index !== null) return { go: 'redirect', path: index };
  if (walk.method === 'GET') {
    if (place !== null)
      assume(walk, { place: walk.errorPage ?? place, text: `a file is taken to be at ${fromBytes(walk.path)}` });
    return end(walk, 200, { place, because });
  }
  const [present, absent] = walk.path.endsWith('/') ? [403, 404] : [405, 404];
  if (!hasErrorPage(walk, 301, present, absent) || place === null) return refuse(absent, { place, because }, true);
  const isThere = ask(walk, `a file at ${walk.path}`, {
    place,
    text: `whether there is a file at ${fromBytes(walk.path)}`,
  });
  return refuse(isThere ? present : absent, { place, because });
}

/** The index of a folder that is a script. Other indexes are files, and answer no POST. */
function indexOf(walk: Walk): string | null {
  for (const { args, place } of effective(walk.level, 'index')) {
    for (const name of args) {
      const path = name.startsWith('/') ? name : `${walk.path}${name}`;
      const { location } = locationOf(walk, path);
      if (location === null || handlerOf(location)?.kind !== 'application') continue;
      if (!name.startsWith('/')) assume(walk, { place, text: `a file is taken to be at ${fromBytes(path)}` });
      return path;
    }
  }
  return null;
}
