import { makeFindCandidates } from '../find-by-address.ts';
import { onceFor } from '../rules/once.ts';
import type { Place } from '../rules/server-rules.ts';
import type { AccessConfig, AccessEntry } from './access-compat.ts';
import { wantsCertificate, type DirConfig } from './dir-config.ts';
import { authorize } from './require.ts';
import { readEnv } from './set-env-if.ts';
import { hasHostName, type RequestContext, refuse, type ApacheVerdict } from './request-context.ts';
import { hasCaller } from './subnet.ts';

/** Whether one kind of rule lets the request pass, and the line that decided; null place: no line. */
interface Pass {
  refusal: ApacheVerdict | null;
  place: Place | null;
  because: string;
}

/**
 * The access phase of a request: Order/Allow/Deny and Require, of which both apply; with `Satisfy Any` one will do.
 * As `ap_process_request_internal`.
 */
export function checkAccess(config: DirConfig, context: RequestContext): ApacheVerdict {
  const ssl = checkSsl(config, context);
  const access = ssl ?? checkOrder(config.access, context);
  const isAny = config.access?.satisfy?.any === true;
  if (isAny && access.refusal === null) return admit(access);
  if (!isAny && access.refusal !== null) return access.refusal;
  const required = checkRequire(config, context);
  if (required.refusal !== null) return required.refusal;
  return admit(required.place === null && !isAny ? access : required);
}

const admit = ({ place, because }: Pass): ApacheVerdict => ({ isAdmitted: true, status: null, place, because });

/** mod_ssl refuses in the same phase. */
function checkSsl({ requireSsl, verifyClient, sslRequire }: DirConfig, { isTls, ask }: RequestContext): Pass | null {
  if (requireSsl !== null && !isTls) return failed(403, requireSsl, 'SSLRequireSSL, but the connection has no TLS');
  if (
    isTls &&
    verifyClient !== null &&
    wantsCertificate(verifyClient) &&
    !ask(verifyClient.place, 'whether the caller sends a trusted client certificate')
  )
    return failed(403, verifyClient.place, 'a client certificate is required');
  const unmet = isTls
    ? sslRequire.find((place) => !ask(place, 'whether the SSLRequire expression is true'))
    : undefined;
  return unmet === undefined ? null : failed(403, unmet, 'SSLRequire');
}

/** As `check_dir_access` of mod_access_compat. */
function checkOrder(config: AccessConfig | null, context: RequestContext): Pass {
  if (config === null) return { refusal: null, place: null, because: 'no line restricts callers' };
  const { order, allows, denies } = config;
  const findFirst = (entries: readonly AccessEntry[]): AccessEntry | null =>
    candidatesOf(entries)(context.caller).find((entry) => isMeant(entry, context)) ?? null;
  const allow = findFirst(allows);
  const deny = findFirst(denies);
  if (order === 'deny,allow' ? deny === null || allow !== null : allow !== null && deny === null) {
    return { refusal: null, ...sayPass(config, allow) };
  }
  const place = deny?.place ?? config.orderPlace ?? config.place;
  const because = deny === null ? `Order ${order}: nothing allows ${context.caller.text}` : `Deny from ${deny.text}`;
  return { refusal: refuse(403, place, because), place, because };
}

const candidatesOf = onceFor((entries: readonly AccessEntry[]) =>
  makeFindCandidates(entries, (entry) => (entry.kind === 'ip' ? [entry.subnet] : null)),
);

function sayPass(
  { order, orderPlace, place, denies }: AccessConfig,
  allow: AccessEntry | null,
): Pick<Pass, 'place' | 'because'> {
  if (allow !== null) return { place: allow.place, because: `Allow from ${allow.text}` };
  return {
    place: orderPlace ?? place,
    because:
      denies.length === 0
        ? `Order ${order} without a Deny for POST: every address is admitted`
        : `Order ${order}: no Deny line matches`,
  };
}

function isMeant(entry: AccessEntry, context: RequestContext): boolean {
  if (entry.kind === 'all') return true;
  if (entry.kind === 'ip') return hasCaller(entry.subnet, context.caller);
  if (entry.kind === 'env') return readEnv(entry.name, entry.place, context) === entry.isSet;
  return hasHostName(context, [entry.text], entry.place);
}

/** As `authorize_user_core` of mod_authz_core, with a user or without. */
function checkRequire({ authz, authType }: DirConfig, context: RequestContext): Pass {
  const type = authType === null || authType.words[0]?.toLowerCase() === 'none' ? null : authType;
  if (authz?.node === null || authz === null) {
    if (type !== null) return failed(500, type.place, 'AuthType without any Require');
    return {
      refusal: null,
      place: authz?.place ?? null,
      because:
        authz === null
          ? 'no line restricts callers'
          : 'AuthMerging without a Require drops the requirements of the outer sections',
    };
  }
  const first = authorize(authz.node, context, false);
  if (first.result === 'granted') return { refusal: null, place: first.place, because: first.because };
  if (first.result !== 'no-user') return failed(403, first.place, first.because);
  if (type === null) return failed(500, first.place, `${first.because}, but AuthType is not set`);
  if (!context.headers.has('authorization'))
    return failed(401, first.place, `${first.because}: the vendor sends no credentials`);
  if (!context.ask(type.place, 'whether the credentials in the Authorization header are correct'))
    return failed(401, type.place, 'wrong credentials');
  const second = authorize(authz.node, context, true);
  return second.result === 'granted'
    ? { refusal: null, place: second.place, because: second.because }
    : failed(401, second.place, second.because);
}

const failed = (status: number, place: Place, because: string): Pass => ({
  refusal: refuse(status, place, because),
  place,
  because,
});
