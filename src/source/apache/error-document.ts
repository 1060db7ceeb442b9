import { applyLocations, beginConfig, type Trace } from './apply-sections.ts';
import { mapPath } from './map-path.ts';
import type { ApacheVerdict, RequestContext } from './request-context.ts';
import type { ApacheServer } from './server.ts';

/**
 * An ErrorDocument on another server turns the refusal into a redirect; one that an application makes may have a status
 * of its own.
 */
export function asAnswered(
  verdict: ApacheVerdict,
  server: ApacheServer,
  trace: Trace,
  context: RequestContext,
): ApacheVerdict {
  if (verdict.isAdmitted || verdict.status === null || verdict.status < 400) return verdict;
  const pages = [...server.config.errorPages, ...trace.flatMap(({ config }) => config.errorPages)];
  const page = pages.findLast(({ status }) => status === verdict.status);
  const because = `${verdict.because}; the ErrorDocument of line ${page?.place.line}`;
  if (page?.isElsewhere === true) return { ...verdict, status: 302, because: `${because} redirects` };
  return page === undefined ||
    page.path === null ||
    !isByApplication(server, page.path, context) ||
    !context.ask(page.place, `the status that the application behind ErrorDocument ${page.status} answers with`)
    ? verdict
    : { isAdmitted: true, status: null, place: page.place, because: `${because} comes from an application` };
}

const SCRIPT = /^\/cgi-bin\/|\.(?:php\d?|phtml|f?cgi|pl|py|rb|lua|jsp|aspx?)(?:[/?]|$)/i;

/** Whether a path of the server is answered by another program. */
function isByApplication(server: ApacheServer, path: string, context: RequestContext): boolean {
  const uri = path.replace(/[?#].*$/s, '');
  if (SCRIPT.test(uri)) return true;
  const inner = { ...context, uri };
  return mapPath(server, applyLocations(server, beginConfig(server), inner, []), inner).kind === 'proxied';
}
