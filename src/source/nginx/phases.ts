import { findRefusal, programsOf, restricts, takeRealAddress } from './access.ts';
import { answerContent, findErrorPage } from './content.ts';
import { enterLevel, locationOf, runRewrites, type RewriteAnswer, type RewriteOutcome } from './routing.ts';
import { effective } from './levels.ts';
import { end, refuseWith, type Next, ask, type Reason, type RunEnding, type RequestState } from './request.ts';
import { beforeQuery } from './variables.ts';

/** More than nginx allows itself, whatever the configuration. */
const MAX_STEPS = 1000;

/**
 * Leads the request through the phases of nginx, from the server to its answer:
 * https://nginx.org/en/docs/dev/development_guide.html#http_phases
 */
export function runPhases(state: RequestState): RunEnding {
  return runFrom(state, { go: 'begin' });
}

function runFrom(state: RequestState, first: Next): RunEnding {
  let next = first;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (next.go === 'end') return followPostAction(state, next.ending);
    next = advance(state, next);
  }
  return { outcome: 'undecided', status: null, place: null, because: 'the request goes in circles' };
}

/**
 * `post_action` runs after the answer was sent, be it a refusal: the application still gets the POST, without its body.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_request.c
 */
function followPostAction(state: RequestState, ending: RunEnding): RunEnding {
  const [directive] = effective(state.level, 'post_action');
  const target = directive?.args[0] ?? '';
  if (directive === undefined || state.isPostAction || ending.outcome !== 'refused') return ending;
  const after: RequestState = {
    ...state,
    isPostAction: true,
    visited: [],
    handler: null,
    errorStatus: 0,
    errorPage: null,
    refusal: null,
  };
  const first: Next = target.startsWith('/')
    ? { go: 'redirect', path: beforeQuery(target) }
    : { go: 'named', name: target };
  const { outcome } = runFrom(after, first);
  const { place } = directive;
  const text = `post_action passes the refused request to the application behind "${after.handler?.place.text ?? ''}"`;
  return outcome !== 'refused' &&
    after.handler?.kind === 'application' &&
    ask(state, `post_action ${place.file}:${place.line}`, { place, text })
    ? { outcome: 'admitted', status: null, place, because: text }
    : ending;
}

function advance(state: RequestState, next: Exclude<Next, { go: 'end' }>): Next {
  switch (next.go) {
    case 'begin':
      return begin(state);
    case 'server':
      return rewriteServer(state);
    case 'find':
      return enterLocation(state);
    case 'location':
      return rewriteLocation(state);
    case 'refuse':
      return findErrorPage(state, next);
    case 'redirect':
      return redirect(state, next.path);
    case 'named':
      return enterNamed(state, next.name);
  }
}

function begin(state: RequestState): Next {
  const [reject] = effective(state.server, 'ssl_reject_handshake');
  if (state.socket.isTls && reject?.args[0]?.toLowerCase() === 'on')
    return closed({ place: reject.place, because: 'ssl_reject_handshake on' });
  const [verify] = effective(state.server, 'ssl_verify_client');
  if (
    state.socket.isTls &&
    verify?.args[0] === 'on' &&
    !ask(state, 'client certificate', {
      place: verify.place,
      text: 'ssl_verify_client asks for a client certificate: a caller with a valid one is admitted',
    })
  ) {
    return refuseWith(496, { place: verify.place, because: 'the caller shows no client certificate' });
  }
  takeRealAddress(state);
  return { go: 'server' };
}

function rewriteServer(state: RequestState): Next {
  const { answer } = runRewrites(state, state.server.directives);
  return answer === null ? { go: 'find' } : give(state, answer);
}

function enterLocation(state: RequestState): Next {
  state.handler = null;
  const { location, redirectsToSlash } = locationOf(state, state.path);
  const [internal] = location === null ? [] : effective(location, 'internal');
  if (location !== null && internal !== undefined && !state.isInternal) {
    state.level = location;
    return refuseWith(404, { place: internal.place, because: 'the location is internal' });
  }
  enterLevel(state, location ?? state.server);
  if (redirectsToSlash)
    return refuseWith(301, {
      place: location?.place ?? null,
      because: 'nginx sends callers to the path with a slash at its end',
    });
  return { go: 'location' };
}

function rewriteLocation(state: RequestState): Next {
  const { answer, isChanged } = rewriteLevel(state);
  if (answer !== null) return give(state, answer);
  if (isChanged) {
    state.changesLeft -= 1;
    if (state.changesLeft === 0)
      return refuseWith(500, { place: state.level.place, because: 'rewrites go in a circle' });
    state.level = state.server;
    return { go: 'find' };
  }
  takeRealAddress(state);
  const refusal = findRefusal(state);
  return refusal === null ? answerContent(state) : refuseWith(refusal.status ?? 403, refusal, refusal.status === null);
}

/** What a server has of `rewrite` ran before, whether or not a location was found. */
function rewriteLevel(state: RequestState): RewriteOutcome {
  const { kind, directives } = state.level;
  const rewritten: RewriteOutcome =
    kind === 'server' ? { answer: null, isChanged: false } : runRewrites(state, directives);
  if (rewritten.answer !== null || rewritten.isChanged) return rewritten;
  const program = programsOf(state.level).find(
    ({ place, text }) => !ask(state, `${place.file}:${place.line} continues`, { place, text }),
  );
  return program === undefined
    ? rewritten
    : { ...rewritten, answer: { status: null, hasText: false, place: program.place, because: program.text } };
}

function redirect(state: RequestState, path: string): Next {
  state.changesLeft -= 1;
  if (state.changesLeft === 0)
    return refuseWith(500, { place: state.level.place, because: 'internal redirects go in a circle' });
  state.path = path;
  state.level = state.server;
  state.isInternal = true;
  return { go: 'server' };
}

function enterNamed(state: RequestState, name: string): Next {
  state.changesLeft -= 1;
  const location = state.server.locations.find((one) => one.match === 'named' && one.name === name);
  if (state.changesLeft === 0 || location === undefined)
    return refuseWith(500, { place: state.level.place, because: `the location ${name} does not exist` });
  state.isInternal = true;
  state.handler = null;
  enterLevel(state, location);
  return { go: 'location' };
}

const closed = ({ place, because }: Reason): Next => ({
  go: 'end',
  ending: { outcome: 'refused', status: null, place, because: `${because}: the connection is closed` },
});

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function give(state: RequestState, answer: RewriteAnswer): Next {
  const { status, hasText } = answer;
  if (status === null)
    return { go: 'end', ending: { outcome: 'undecided', status: null, place: answer.place, because: answer.because } };
  if (status === 444) return closed(answer);
  if (REDIRECTS.has(status) || (status >= 400 && !hasText)) return refuseWith(status, answer);
  const isBefore = restricts(state.level);
  if (isBefore) state.bypass = answer.place;
  return end(state, status, {
    place: answer.place,
    because: `${answer.because}${isBefore ? ', before allow and deny are checked' : ''}`,
  });
}
