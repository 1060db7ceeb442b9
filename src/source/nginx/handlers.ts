import type { Place } from '../rules/server-rules.ts';
import type { Level } from './levels.ts';

/** What answers a request in the end. */
export interface Handler {
  /** An application gets the POST, or a handler of nginx that takes GET and HEAD alone. */
  kind: 'application' | 'get-only';
  /** It stays within `limit_except { }`; all stay within `if { }`. */
  staysInLimitExcept: boolean;
  /** A location with a slash at its end sends callers without it there. */
  addsSlash: boolean;
  place: Place;
}

type Traits = Omit<Handler, 'place'>;

const UPSTREAM: Traits = { kind: 'application', staysInLimitExcept: true, addsSlash: true };
const APPLICATION: Traits = { kind: 'application', staysInLimitExcept: false, addsSlash: false };
const GET_ONLY: Traits = { kind: 'get-only', staysInLimitExcept: false, addsSlash: false };

/** Directives that hand a request to something. None is inherited by a location within. */
const HANDLERS: Record<string, Traits> = {
  proxy_pass: UPSTREAM,
  fastcgi_pass: UPSTREAM,
  uwsgi_pass: UPSTREAM,
  scgi_pass: UPSTREAM,
  grpc_pass: UPSTREAM,
  memcached_pass: { ...GET_ONLY, addsSlash: true },
  perl: { ...APPLICATION, addsSlash: true },
  content_by_lua: APPLICATION,
  content_by_lua_block: APPLICATION,
  content_by_lua_file: APPLICATION,
  js_content: APPLICATION,
  echo: APPLICATION,
  upload_pass: APPLICATION,
  nchan_publisher: APPLICATION,
  nchan_pubsub: APPLICATION,
  push_stream_publisher: APPLICATION,
  passenger_app_root: APPLICATION,
  unit_pass: APPLICATION,
  empty_gif: GET_ONLY,
  stub_status: GET_ONLY,
  mp4: GET_ONLY,
  flv: GET_ONLY,
};

export function handlerOf({ directives }: Level): Handler | null {
  const directive = directives.findLast(({ name }) => Object.hasOwn(HANDLERS, name));
  const traits = directive === undefined ? undefined : HANDLERS[directive.name];
  return directive === undefined || traits === undefined ? null : { ...traits, place: directive.place };
}
