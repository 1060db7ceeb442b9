import { expect, test } from 'vitest';
import { historyPath, type HistoryPathSources } from '../../../src/history/store/open-history.ts';

const config = { path: '/project/webhook.config.json', history: 'data/history.db' };

test.each<[string, Partial<HistoryPathSources>, string]>([
  ['the flag wins', { flag: '/f.db', env: { WEBHOOK_HISTORY: '/e.db' }, config }, '/f.db'],
  ['then the environment', { env: { WEBHOOK_HISTORY: '/e.db' }, config }, '/e.db'],
  ['an empty variable is none', { env: { WEBHOOK_HISTORY: '' }, config }, '/project/data/history.db'],
  ['a path in the configuration counts from that file', { config }, '/project/data/history.db'],
  ['the home folder can be written ~', { config: { ...config, history: '~/h.db' } }, '/home/me/h.db'],
  ['XDG data', { env: { XDG_DATA_HOME: '/xdg' } }, '/xdg/hookproof/history.db'],
  ['a relative XDG path is invalid', { env: { XDG_DATA_HOME: 'xdg' } }, '/home/me/.local/share/hookproof/history.db'],
  ['the default', { config: { path: null } }, '/home/me/.local/share/hookproof/history.db'],
])('%s', (_name, sources, expected) => {
  expect(historyPath({ env: {}, home: '/home/me', ...sources })).toBe(expected);
});

test.each([
  ['mysql://user:s3cret@db/hooks'],
  ['postgres:/user:s3cret@db/hooks'],
  ['jdbc:postgresql://db/hooks?password=s3cret'],
  ['host=db dbname=hooks password=s3cret'],
  ['postgres://user:s3cret@db:port/hooks'],
  ['https://example.test/history.db'],
  [' '],
])('%s is no history', (flag) => {
  const refusal = expect(() => historyPath({ flag, env: {}, home: '/home/me' }));
  refusal.toThrow(expect.objectContaining({ kind: 'usage' }));
  refusal.not.toThrow(/s3cret/);
});
