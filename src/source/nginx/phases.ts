import { findRefusal, restricts } from './access.ts';
import { answerContent } from './content.ts';
import { enterLevel } from './enter-level.ts';
import { findErrorPage } from './error-page.ts';
import { programsOf } from './guards.ts';
import { effective } from './levels.ts';
import { locationOf } from './location-of.ts';
import { end, refuse, type Next } from './next.ts';
import { takeRealAddress } from './real-ip.ts';
import { runRewrites, type Answer, type Rewritten } from './rewrite.ts';
import { ask, type Ending, type Walk } from './walk.ts';

/** More than nginx allows itself, whatever the configuration. */
const MAX_STEPS = 1000;

/**
 * Leads the request through the phases of nginx, from the server to its answer:
 * https://nginx.org/en/docs/dev/development_guide.html#http_phases
 */
export function runPhases(walk: Walk): Ending {
  let next: Next = { go: 'begin' };
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (next.go === 'end') return next.ending;
    next = advance(walk, next);
  }
  return { outcome: 'undecided', status: null, place: null, because: 'the request goes in circles' };
}

function advance(walk: Walk, next: Exclude<Next, { go: 'end' }>): Next {
  switch (next.go) {
    case 'begin':
      return begin(walk);
    case 'server':
      return rewriteServer(walk);
    case 'find':
      return enterLocation(walk);
    case 'location':
      return rewriteLocation(walk);
    case 'refuse':
      return findErrorPage(walk, next);
    case 'redirect':
      return redirect(walk, next.path);
    case 'named':
      return enterNamed(walk, next.name);
  }
}

function begin(walk: Walk): Next {
  const [verify] = effective(walk.server, 'ssl_verify_client');
  if (
    walk.socket.isTls &&
    verify?.args[0] === 'on' &&
    !ask(walk, 'client certificate', {
      place: verify.place,
      text: 'ssl_verify_client asks for a client certificate: who shows a good one comes in',
    })
  ) {
    return refuse(496, { place: verify.place, because: 'the caller shows no client certificate' });
  }
  takeRealAddress(walk);
  return { go: 'server' };
}

function rewriteServer(walk: Walk): Next {
  const { answer } = runRewrites(walk, walk.server.directives);
  return answer === null ? { go: 'find' } : give(walk, answer);
}

function enterLocation(walk: Walk): Next {
  walk.handler = null;
  const { location, redirectsToSlash } = locationOf(walk, walk.path);
  const [internal] = location === null ? [] : effective(location, 'internal');
  if (location !== null && internal !== undefined && !walk.isInternal) {
    walk.level = location;
    return refuse(404, { place: internal.place, because: 'the location is internal' });
  }
  enterLevel(walk, location ?? walk.server);
  if (redirectsToSlash)
    return refuse(301, {
      place: location?.place ?? null,
      because: 'nginx sends callers to the path with a slash at its end',
    });
  return { go: 'location' };
}

function rewriteLocation(walk: Walk): Next {
  const { answer, isChanged } = rewriteLevel(walk);
  if (answer !== null) return give(walk, answer);
  if (isChanged) {
    walk.changesLeft -= 1;
    if (walk.changesLeft === 0) return refuse(500, { place: walk.level.place, because: 'rewrites go in a circle' });
    walk.level = walk.server;
    return { go: 'find' };
  }
  takeRealAddress(walk);
  const refusal = findRefusal(walk);
  return refusal === null ? answerContent(walk) : refuse(refusal.status ?? 403, refusal, refusal.status === null);
}

/** What a server has of `rewrite` ran before, whether or not a location was found. */
function rewriteLevel(walk: Walk): Rewritten {
  const { kind, directives } = walk.level;
  const rewritten: Rewritten = kind === 'server' ? { answer: null, isChanged: false } : runRewrites(walk, directives);
  if (rewritten.answer !== null || rewritten.isChanged) return rewritten;
  const program = programsOf(walk.level).find(
    ({ place, text }) => !ask(walk, `${place.file}:${place.line} goes on`, { place, text }),
  );
  return program === undefined
    ? rewritten
    : { ...rewritten, answer: { status: null, hasText: false, place: program.place, because: program.text } };
}

function redirect(walk: Walk, path: string): Next {
  walk.changesLeft -= 1;
  if (walk.changesLeft === 0)
    return refuse(500, { place: walk.level.place, because: 'internal redirects go in a circle' });
  walk.path = path;
  walk.level = walk.server;
  walk.isInternal = true;
  return { go: 'server' };
}

function enterNamed(walk: Walk, name: string): Next {
  walk.changesLeft -= 1;
  const location = walk.server.locations.find((one) => one.match === 'named' && one.name === name);
  if (walk.changesLeft === 0 || location === undefined)
    return refuse(500, { place: walk.level.place, because: `there is no way to the location ${name}` });
  walk.isInternal = true;
  walk.handler = null;
  enterLevel(walk, location);
  return { go: 'location' };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function give(walk: Walk, answer: Answer): Next {
  const { status, hasText } = answer;
  if (status === null)
    return { go: 'end', ending: { outcome: 'undecided', status: null, place: answer.place, because: answer.because } };
  if (status === 444)
    return {
      go: 'end',
      ending: {
        outcome: 'refused',
        status: null,
        place: answer.place,
        because: `${answer.because}: the connection is closed`,
      },
    };
  if (REDIRECTS.has(status) || (status >= 400 && !hasText)) return refuse(status, answer);
  const isBefore = restricts(walk.level);
  if (isBefore) walk.bypass = answer.place;
  return end(walk, status, {
    place: answer.place,
    because: `${answer.because}${isBefore ? ', before allow and deny are looked at' : ''}`,
  });
}
