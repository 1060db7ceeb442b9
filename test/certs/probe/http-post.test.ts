import { expect, test } from 'vitest';
import { carriesCredentials, withoutPostCredentials, writePost } from '../../../src/certs/probe/http-post.ts';

test('a POST as bytes: header values in UTF-8, the body untouched', () => {
  const body = Buffer.from([0xff, 0x00]);
  const bytes = writePost({ path: '/hook?a=1', host: 'example.com', headers: [['X-A', 'Größe ✓']], body });
  const head =
    'POST /hook?a=1 HTTP/1.1\r\nHost: example.com\r\nX-A: Größe ✓\r\nContent-Length: 2\r\nConnection: close\r\n\r\n';
  expect(bytes.equals(Buffer.concat([Buffer.from(head, 'utf8'), body]))).toBe(true);
});

test('a POST without its credentials: nothing else is touched', () => {
  const post = {
    path: '/',
    host: 'a',
    headers: [['X-A', 'Größe ✓']] as [string, string][],
    body: Buffer.from('\r\nAuthorization: of the body\r\n\xff', 'latin1'),
  };
  const [open, guarded] = [
    writePost(post),
    writePost({ ...post, headers: [...post.headers, ['Authorization', 'Basic Zm9v']] }),
  ];
  expect(withoutPostCredentials(guarded).equals(open)).toBe(true);
  expect(withoutPostCredentials(open).equals(open)).toBe(true);
  expect([carriesCredentials(guarded), carriesCredentials(open)]).toEqual([true, false]);
});

test.each<[string, string]>([
  ['/hook?a=1&token=s3cr3t', '/hook?a=1&token=***'],
  ['/hook?token=s3c', '/hook?token=***'],
  ['/hook?id=9f86d081884c7d659a2f', '/hook?id=***'],
  ['/hook?a=1', '/hook?a=1'],
])('a POST to %s without its credentials goes to %s', (path, open) => {
  const post = { host: 'a', headers: [], body: Buffer.from('POST /x?token=of-the-body') };
  const guarded = writePost({ ...post, path });
  expect(withoutPostCredentials(guarded).toString()).toBe(writePost({ ...post, path: open }).toString());
  expect(carriesCredentials(guarded)).toBe(path !== open);
});
