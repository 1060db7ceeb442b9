import { expect, test } from 'vitest';
import { AttachmentStore } from '../../src/receive/attachment-store.ts';

const TEXT = { contentType: 'text/plain', filename: 'a.txt' };
const put = (store: AttachmentStore, key: string, content = key): (() => void) =>
  store.put(key, { ...TEXT, content: Buffer.from(content) });
const has = (store: AttachmentStore, keys: string): string =>
  [...keys].filter((key) => store.answer(key).status === 200).join('');

function fetchFrom(store: AttachmentStore, key: string): void {
  const answer = store.answer(key);
  if (answer.status === 200) answer.onFetched?.();
}

test('above the limit the oldest go that were fetched and settled; the others stay', () => {
  const store = new AttachmentStore(2);
  const settle = Object.fromEntries([...'abcde'].map((key) => [key, put(store, key)]));
  expect(has(store, 'abcde')).toBe('abcde');
  fetchFrom(store, 'a');
  settle['b']?.();
  expect(has(store, 'abcde')).toBe('abcde');
  settle['a']?.();
  fetchFrom(store, 'b');
  expect(has(store, 'abcde')).toBe('cde');
  settle['e']?.();
  fetchFrom(store, 'e');
  expect(has(store, 'abcde')).toBe('cd');
  settle['c']?.();
  fetchFrom(store, 'c');
  expect(has(store, 'abcde')).toBe('cd');
  put(store, 'f');
  expect(has(store, 'abcdef')).toBe('df');
});

test('what was never fetched is counted, each key once', () => {
  const store = new AttachmentStore();
  put(store, 'a');
  put(store, 'b');
  put(store, 'a');
  expect(store.unfetched()).toBe(2);
  fetchFrom(store, 'a');
  fetchFrom(store, 'a');
  expect(store.unfetched()).toBe(1);
  put(store, 'a');
  expect(store.unfetched()).toBe(2);
});

test('the same bytes are kept once', () => {
  const store = new AttachmentStore();
  put(store, 'a', 'same');
  put(store, 'b', 'same');
  put(store, 'c', 'other');
  const bytesOf = (key: string): unknown => (store.answer(key) as { content: Uint8Array }).content;
  expect(bytesOf('b')).toBe(bytesOf('a'));
  expect(bytesOf('c')).toEqual(Buffer.from('other'));
});
