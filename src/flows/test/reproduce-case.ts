import { isTimed } from '../../vendors/facts.ts';
import { secretPlaceInBody } from '../session/static-secret.ts';
import { gzipSync } from 'node:zlib';
import type { WireRequest } from '../../conform/conformance-case.ts';
import type { CaseVerdict } from '../../conform/case-verdict.ts';
import { curlCommand, curlGet, type CurlOptions } from '../../deliver/curl-command.ts';
import type { OpenTarget } from '../session/open-target.ts';
import type { EffectsSource } from '../session/read-effects.ts';
import type { TriedCase } from './try-cases.ts';
import { toSigned } from './suite-sender.ts';

export interface ReproduceOptions {
  /** The status was right: what was processed has to be looked at. */
  restsOnEffects: boolean;
  /** It takes a new event to see it again. */
  isSpent: boolean;
  effects: EffectsSource | null;
  /** The command line that runs the case again. */
  rerun: (id: string) => string;
}

/** More requests than that are no longer read. */
const MAX_REQUESTS = 3;
/** A report for people cuts what is longer, and a command that is cut reproduces nothing. */
const MAX_LENGTH = 3900;

/**
 * Commands for a shell that show the failure again: curl lines in the order of the requests, up to the one it rests on;
 * where they would be many or long, or cannot do what the case does, the line that runs the case itself.
 */
export function reproduceCase(
  { one, requests }: TriedCase,
  { index }: CaseVerdict,
  target: OpenTarget,
  options: ReproduceOptions,
): string {
  const rerun = options.rerun(one.id);
  const needed = requestsNeeded(requests, index, options.restsOnEffects);
  const looks = options.restsOnEffects ? lookAtEffects(target, options.effects) : [];
  if (
    one.isBurst ||
    secretPlaceInBody(target.vendor) !== null ||
    options.isSpent ||
    needed.length > MAX_REQUESTS ||
    needed.filter(({ route }) => route === 'reused-connection').length > 1 ||
    looks === null
  )
    return rerun;
  // Such a signature holds for some minutes.
  const later = isTimed(target.vendor) ? `\n# later, signed again: ${rerun}` : '';
  // An answer often ends without a line feed.
  const write = (form: BodyForm): string =>
    [...needed.map((request) => curlOf(request, target, form(request.body))), ...looks].join('\necho; ') + later;
  return (
    [write(() => 'on one line'), write((body) => ({ gzipped: gzipSync(body, { level: 9 }) }))].find(
      (text) => text.length <= MAX_LENGTH,
    ) ?? rerun
  );
}

type BodyForm = (body: Uint8Array) => CurlOptions['body'];

/** Of forgeries each stands alone. What was processed too often was so by a later request with the same event. */
function requestsNeeded(
  requests: readonly WireRequest[],
  index: number,
  restsOnEffects: boolean,
): readonly WireRequest[] {
  const areAlone = requests.every(({ expect }) => expect === 'refused' || expect === 'refused-4xx');
  const last = restsOnEffects ? requests.findLastIndex(({ key }) => key === requests[index]?.key) : index;
  return requests.slice(areAlone ? last : 0, last + 1);
}

/** What was processed in the end; null when only a command of the user's reports it, which may hold a secret. */
function lookAtEffects({ url, curl }: OpenTarget, effects: EffectsSource | null): string[] | null {
  if (effects?.url === undefined) return null;
  const isHome = new URL(effects.url).origin === url.origin;
  const { maxTimeMs: _, ...network } = isHome ? curl : withoutCertificate(curl);
  return [curlGet(effects.url, network, 'EFFECTS')];
}

function curlOf(request: WireRequest, { curl }: OpenTarget, body: CurlOptions['body']): string {
  const signed = toSigned(request);
  const headers =
    request.route === 'expect-continue' ? [...signed.headers, ['Expect', '100-continue'] as const] : signed.headers;
  return curlCommand(
    { ...signed, headers },
    { ...(request.route === 'without-certificate' ? withoutCertificate(curl) : curl), body },
  );
}

function withoutCertificate({
  cert: _cert,
  key: _key,
  pfx: _pfx,
  passphrase: _passphrase,
  ...rest
}: CurlOptions): CurlOptions {
  return rest;
}
