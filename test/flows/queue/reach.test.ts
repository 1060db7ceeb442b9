import { expect, test } from 'vitest';
import { describeReach, type ReachOptions } from '../../../src/flows/queue/reach.ts';
import { adHocTarget, configuredTarget } from '../../../src/flows/session/choose-targets.ts';
import { openVendors } from '../../../src/flows/session/open-vendors.ts';
import type { Reach } from '../../../src/model/queued-delivery.ts';
import { findVendor } from '../../helpers/vendors.ts';

const workingDirectory = '/home/me/shop';
const environment = { workingDirectory, vendors: openVendors({}, { workingDirectory }) };
const URL_TEXT = 'http://127.0.0.1:9/hook';
const NONE: ReachOptions = { header: [], resolve: [], connectTo: [] };
const vendor = findVendor('mail2many');

const reachOf = (options: Partial<ReachOptions>, url = URL_TEXT): Reach =>
  describeReach(
    { ...adHocTarget(vendor, new URL(url), {}), timeoutMs: 9000 },
    { ...NONE, url, ...options },
    environment,
  );

test('files are named as they are found from any folder, variables by their names', () => {
  const files = { secretFile: ['new.txt', '/etc/old.txt'], cert: 'c.pem', key: 'c.key', cacert: '../ca.pem' };
  expect(reachOf({ ...files, passphraseEnv: 'PASS', vendor: './own.json', maxTime: 500 })).toMatchObject({
    isConfigured: false,
    vendor: '/home/me/shop/own.json',
    url: URL_TEXT,
    secretFile: ['/home/me/shop/new.txt', '/etc/old.txt'],
    cert: '/home/me/shop/c.pem',
    key: '/home/me/shop/c.key',
    cacert: '/home/me/ca.pem',
    passphraseEnv: 'PASS',
    maxTime: 500,
  });
});

test('of a configured webhook nothing is kept that the configuration has', () => {
  const webhook = {
    uuid: 'u',
    name: 'shop',
    vendor: 'mail2many',
    url: 'http://u:p@h/?token=x',
    events: [],
    secret: 's',
  };
  const reach = describeReach({ ...configuredTarget(webhook, vendor, {}), timeoutMs: 9000 }, NONE, environment);
  expect(JSON.parse(JSON.stringify(reach))).toEqual({
    isConfigured: true,
    vendor: 'mail2many',
    timeoutMs: 9000,
    resolve: [],
    connectTo: [],
  });
});

test.each<[what: string, options: Partial<ReachOptions>, url: string, said: string]>([
  ['a secret itself', { secret: 'abc' }, URL_TEXT, '--secret cannot be queued'],
  ['a secret of standard input', { secretFile: '-' }, URL_TEXT, '--secret-file -'],
  ['a passphrase of standard input', { passphraseFile: '-' }, URL_TEXT, '--passphrase-file -'],
  ['a password in the URL', {}, 'http://a:b@127.0.0.1:9/', 'http://127.0.0.1:9/ has a secret in it'],
  ['a secret in the query', {}, `${URL_TEXT}?token=abc`, '?token=*** has a secret in it'],
  ['a secret header', { header: ['X-Api-Key: abc'] }, URL_TEXT, 'the header X-Api-Key'],
])('%s is refused', (_, options, url, said) => {
  expect(() => reachOf(options, url)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(said) }),
  );
});
