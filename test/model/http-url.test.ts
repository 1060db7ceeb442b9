import { expect, test } from 'vitest';
import { displayUrl, hideCredentials, parseHttpUrl, isPlainHttp } from '../../src/model/http-url.ts';
import { AppError } from '../../src/model/error.ts';
import { cpuMsOf } from '../helpers/cpu-time.ts';

function refusalOf(text: string): AppError {
  try {
    parseHttpUrl(text);
  } catch (error) {
    return error as AppError;
  }
  throw new Error(`${text} was accepted`);
}

test.each([
  ['http://127.0.0.1:3000/hook', 'http://127.0.0.1:3000/hook'],
  ['  https://example.com ', 'https://example.com/'],
  ['HTTPS://Example.COM:443/a b?c={d}', 'https://example.com/a%20b?c={d}'],
  ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
  ['http://user:p%40ss@example.com/', 'http://user:p%40ss@example.com/'],
])('reads %s', (text, href) => {
  expect(parseHttpUrl(text).href).toBe(href);
});

test.each([
  ['localhost:3000/hook', 'no scheme', 'did you mean http://localhost:3000/hook?'],
  ['127.0.0.1:3000', 'no scheme', 'did you mean http://127.0.0.1:3000?'],
  ['hooks.example.com/x', 'no scheme', 'did you mean https://hooks.example.com/x?'],
  ['//hooks.example.com/x', 'no scheme', 'did you mean https://hooks.example.com/x?'],
  ['http:/hooks.example.com/x', 'no scheme', 'did you mean https://hooks.example.com/x?'],
  ['', 'no scheme', 'write it as https://HOST/PATH'],
  ['ftp://example.com/', 'the scheme "ftp:"', 'http://'],
  ['file:///etc/passwd', 'the scheme "file:"', 'http://'],
  ['http://', 'has no host', 'http://HOST'],
  ['http:///hook', 'has no host', 'http://HOST'],
  ['https://:443/', 'has no host', 'https://HOST'],
  ['http://user:pw@/', 'has no host', 'http://HOST'],
  ['http://h:65536/', 'the port "65536"', '1 to 65535'],
  ['http://h:0/', 'the port "0"', '1 to 65535'],
  ['http://h:80a/', 'the port "80a"', '1 to 65535'],
  ['http://exa mple.com/', 'cannot be read', 'http://HOST'],
  ['http://[::1/', 'cannot be read', 'http://HOST'],
])('refuses "%s"', (text, message, hint) => {
  const error = refusalOf(text);
  expect(error).toBeInstanceOf(AppError);
  expect(error.kind).toBe('usage');
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});

test.each([
  'ftp://user:hunter2@example.com/',
  'user:hunter2@example.com',
  'http://user:hunter2@h:99999/',
  'http://user:hun/ter2@h/',
  'http://user:hun#ter2@h/',
  'http://a:hunter2@exa mple/',
  'localhost/hook?token=hunter2',
  'ftp://h/?secret=hunter2',
  'http://h:0/?key=hunter2',
])('shows no credentials when it refuses %s', (text) => {
  const { message, hint } = refusalOf(text);
  expect(`${message} ${hint}`).not.toMatch(/hun|ter2|user/);
});

test.each([
  ['https://user:hunter2@example.com/hook?a=1#part', 'https://example.com/hook?a=1'],
  ['http://example.com', 'http://example.com/'],
  ['nonsense:hunter2@host', '***@host'],
  ['https://h.example/hook?token=hunter2&list=3', 'https://h.example/hook?token=***&list=3'],
  ['https://h.example/?access%5Ftoken=hunter2#part', 'https://h.example/?access%5Ftoken=***'],
  [
    'https://h.example/?clientSecret=hunter2;x&X-Amz-Signature=ab&app_key=1',
    'https://h.example/?clientSecret=***&X-Amz-Signature=***&app_key=***',
  ],
  ['https://h.example/?a=1;sig=hunter2', 'https://h.example/?a=1;sig=***'],
  ['https://h.example/?t=q8Zr19xkW20Lmm3p', 'https://h.example/?t=***'],
  ['https://h.example/?q8Zr19xkW20Lmm3p', 'https://h.example/?***'],
  [
    'https://h.example/?author=x&keyword=y&encoder=2&at=2026-01-02&token=',
    'https://h.example/?author=x&keyword=y&encoder=2&at=2026-01-02&token=',
  ],
  ['https://h.example/?code=%E0%A4%A', 'https://h.example/?code=***'],
])('displays %s', (url, shown) => {
  expect(displayUrl(url)).toBe(shown);
});

test.each([
  ['user:hunter2@localhost/hook', '***@localhost/hook'],
  ['https://user:hun@ter2@localhost/', 'https://***@localhost/'],
  ['shop', 'shop'],
  ['localhost/hook?token=hunter2', 'localhost/hook?token=***'],
])('hides credentials also where there is no scheme: %s', (text, shown) => {
  expect(hideCredentials(text)).toBe(shown);
});

test('hides secrets of a long query in no time', () => {
  const cpuMs = cpuMsOf(() =>
    expect(
      displayUrl(`http://h.example/?${'a=;'.repeat(20_000)}token=hunter2${'&sig=x'.repeat(10_000)}`),
    ).not.toContain('hunter2'),
  );
  expect(cpuMs).toBeLessThan(1000);
});

test.each([
  ['http://shop.example/hook', true],
  ['http://10.0.0.1/hook', true],
  ['http://localhost.example/hook', true],
  ['http://127.0.0.1.example/hook', true],
  ['https://shop.example/hook', false],
  ['http://localhost:3000/hook', false],
  ['http://shop.localhost/hook', false],
  ['http://127.1.2.3/hook', false],
  ['http://[::1]:80/hook', false],
])('%s is plain http over a network: %s', (url, isPlain) => {
  expect(isPlainHttp(url)).toBe(isPlain);
});
