import { AppError } from '../model/error.ts';
import { hideQuerySecrets } from '../model/url-secrets.ts';

const LOCAL = /^(localhost|127\.|0\.0\.0\.0|\[::1\]|\[::\]|10\.|192\.168\.|[^./:]+(:|\/|$))/i;

/**
 * Reads the URL of an endpoint. `new URL()` alone accepts too much (`localhost:3000` is a URL of the scheme
 * `localhost:`, `http:///hook` has the host `hook`), so the spelling is checked first.
 * Throws AppError `usage`; credentials never appear in its message.
 */
export function parseTarget(text: string): URL {
  const spelled = text.trim();
  const shown = hideCredentials(spelled);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(spelled)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw new AppError('usage', `the URL "${shown}" has no scheme`, { hint: guessScheme(shown) });
  }
  if (scheme !== 'http' && scheme !== 'https') {
    throw new AppError('usage', `the URL "${shown}" has the scheme "${scheme}:", which a webhook cannot use`, {
      hint: 'webhooks go to http:// or https:// addresses',
    });
  }
  const authority = /^[^:]+:\/\/([^/?#\\]*)/.exec(spelled)?.[1] ?? '';
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1);
  if (hostAndPort === '' || hostAndPort.startsWith(':')) {
    throw new AppError('usage', `the URL "${shown}" names no host`, { hint: `write it as ${scheme}://HOST/PATH` });
  }
  // With an @ the text may be of the form user:pass/word@host, whose "port" is a part of the password.
  checkPort(hostAndPort, shown, spelled.includes('@'));
  if (!URL.canParse(spelled)) {
    throw new AppError('usage', `the URL "${shown}" cannot be read`, {
      hint: `write it as ${scheme}://HOST[:PORT]/PATH`,
    });
  }
  return new URL(spelled);
}

/**
 * The URL as it may be shown and stored: without `user:password@`, with `***` for the secrets in its query, and without
 * the fragment, which is never sent.
 */
export function displayUrl(url: string | URL): string {
  if (!URL.canParse(String(url)) || !/^https?:$/.test(new URL(url).protocol)) return hideCredentials(String(url));
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  return hideQuerySecrets(shown.href);
}

/** `Basic …` of the URL's credentials, or null without any. */
export function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const credentials = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

function checkPort(hostAndPort: string, shown: string, mayBePassword: boolean): void {
  const port = /:([^:\]]*)$/.exec(hostAndPort)?.[1];
  if (port === undefined || port === '') return;
  if (/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return;
  const range = 'a port is a number from 1 to 65535';
  throw mayBePassword
    ? new AppError('usage', `the URL "${shown}" has a port that cannot be read`, {
        hint: `${range}; / ? # in credentials are written %2F %3F %23`,
      })
    : new AppError('usage', `the URL "${shown}" has the port "${port}"`, { hint: range });
}

function guessScheme(shown: string): string {
  const rest = shown.replace(/^(https?):?\/*/i, '').replace(/^\/+/, '');
  if (rest === '') return 'write it as https://HOST/PATH';
  return `did you mean ${LOCAL.test(rest) ? 'http' : 'https'}://${rest}?`;
}

/**
 * A text that was typed as a URL and may be none, to be shown: whatever stands before the last @ could be a password.
 */
export function hideCredentials(text: string): string {
  const at = text.lastIndexOf('@');
  if (at === -1) return hideQuerySecrets(text);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  return `${scheme}***@${hideQuerySecrets(text.slice(at + 1))}`;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
