import { AppError } from '../model/error.ts';
import type { Server } from '../model/finding.ts';

const PLAIN = /^[\w./:@+,=-]+$/;

/**
 * A path as one word of a server's configuration, whatever is in it. Throws AppError `usage` for what that server has no
 * way to write: line breaks and other control characters anywhere, and texts that it would replace by a variable.
 */
export function quoteForServer(path: string, server: Server): string {
  // oxlint-disable-next-line no-control-regex
  if (path === '' || /[\u0000-\u001f\u007f-\u009f]/.test(path)) throw unwritable(path, server);
  return PLAIN.test(path) ? path : QUOTE[server](path);
}

const QUOTE: Record<Server, (path: string) => string> = {
  // nginx: a backslash escapes within quotes; for a $ there is no escape, and a certificate's path may hold variables.
  nginx: (path) => (path.includes('$') ? refuse(path, 'nginx') : quoteWithBackslash(path)),
  // https://httpd.apache.org/docs/2.4/configuring.html#syntax: ${NAME} is replaced within quotes, too.
  apache: (path) => (path.includes('${') ? refuse(path, 'apache') : quoteWithBackslash(path)),
  caddy: quoteForCaddy,
  // https://docs.haproxy.org/2.6/configuration.html#2.2: nothing is replaced within single quotes.
  haproxy: (path) => `'${path.replaceAll("'", String.raw`'\''`)}'`,
};

const quoteWithBackslash = (path: string): string => `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** https://caddyserver.com/docs/caddyfile/concepts#tokens-and-quotes: backticks keep all but themselves; {$NAME} is replaced anywhere. */
function quoteForCaddy(path: string): string {
  if (path.includes('{$')) return refuse(path, 'caddy');
  if (!path.includes('`')) return `\`${path}\``;
  return path.includes('\\') ? refuse(path, 'caddy') : `"${path.replaceAll('"', String.raw`\"`)}"`;
}

const refuse = (path: string, server: Server): never => {
  throw unwritable(path, server);
};

function unwritable(path: string, server: Server): AppError {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  return new AppError('usage', `${shown} cannot be written as a file name in a configuration of ${server}`, {
    hint: 'give the file another name, or link to it',
  });
}
