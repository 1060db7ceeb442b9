import type { Note, Place } from './server-rules.ts';

/** Files that every installation has, and that say how files and requests are handed on, nothing of callers. */
const STOCK = /^(?:mime\.types|(?:fastcgi|uwsgi|scgi|proxy)_params|fastcgi\.conf|koi-(?:utf|win)|win-utf|mime\.conf)$/;
/** Names that people give to files about TLS, logs and answers; what they hold may be about callers all the same. */
const ABOUT_ELSE = new RegExp(
  '(?:^|[-_.])(?:ssl|tls|dhparams?|letsencrypt|certbot|gzip|brotli|compress(?:ion)?|logs?|logging|cache|caching|' +
    'security-headers|hsts|charset|languages?)(?:[-_.]|$)',
  'i',
);

/** A missing file that hardly decides about callers; null: nobody can judge the rest without it. */
export function noteMissing(file: string, place: Place): Note | null {
  const name = file.replace(/^.*\//, '');
  if (STOCK.test(name)) return { place, text: `${file} is missing: it does not concern callers` };
  return ABOUT_ELSE.test(name)
    ? {
        place,
        text: `${file} is missing: its name suggests another subject, but its contents are unknown`,
        isOpen: true,
      }
    : null;
}
