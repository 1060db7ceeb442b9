import { effective, isOn } from './levels.ts';
import type { Directive } from './parse.ts';
import { end, type Next, type Refuse } from './next.ts';
import { beforeQuery } from './template.ts';
import { fillIn } from './variables.ts';
import { isUnknown, type Walk } from './walk.ts';

interface ErrorPage {
  directive: Directive;
  codes: readonly number[];
  /** `=200`; 0 for `=`: that of the page; null: the code itself. */
  status: number | null;
  target: string;
}

/** https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page: one page for a request, unless they are recursive. */
export function findErrorPage(walk: Walk, { status, reason, isUnsure }: Refuse): Next {
  walk.errorStatus = status;
  if (status >= 300) walk.refusal ??= reason;
  const pages = pagesOf(walk);
  if (!walk.hasErrorPage && pages.length > 0 && walk.changesLeft > 0) {
    walk.hasErrorPage = !isOn(walk.level, 'recursive_error_pages', false);
    const page = pages.find(({ codes }) => codes.includes(status));
    if (page !== undefined) return takePage(walk, page, status);
  }
  const last = end(walk, status, reason);
  return isUnsure && last.go === 'end' ? { ...last, ending: { ...last.ending, status: null } } : last;
}

export const hasErrorPage = (walk: Walk, ...codes: readonly number[]): boolean =>
  !walk.hasErrorPage && pagesOf(walk).some((page) => codes.some((code) => page.codes.includes(code)));

function pagesOf({ level }: Walk): ErrorPage[] {
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

function takePage(walk: Walk, { directive: { place }, status, target }: ErrorPage, code: number): Next {
  walk.errorPage = place;
  if (status !== null) walk.errorStatus = status;
  else if (code >= 494 && code <= 497) walk.errorStatus = 400;
  const page = fillIn(walk, beforeQuery(target), place);
  if (isUnknown(page)) {
    walk.doubts.push({ place, text: page.unknown });
    return { go: 'end', ending: { outcome: 'undecided', status: null, place, because: page.unknown } };
  }
  if (page.startsWith('@')) return { go: 'named', name: page };
  if (page.startsWith('/')) {
    // The page is fetched, not posted to: limit_except and handlers see a GET.
    walk.method = 'GET';
    return { go: 'redirect', path: beforeQuery(page) };
  }
  if (status === null || !REDIRECTS.has(status)) walk.errorStatus = 302;
  return end(walk, walk.errorStatus, { place, because: place.text });
}
