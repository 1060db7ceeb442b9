import { expect, test } from 'vitest';
import { chooseTls, openTarget, type OpenTargetOptions } from '../../../src/flows/session/open-target.ts';
import type { Target } from '../../../src/flows/session/choose-targets.ts';
import type { SecretEnvironment } from '../../../src/model/environment.ts';
import type { CertificateOptions, WebhookTls } from '../../../src/model/webhook.ts';
import { findVendor } from '../../helpers/vendors.ts';

const CONFIGURED: WebhookTls = { cert: '/c.pem', key: '/c.key', passphrase: { env: 'P' }, cacert: '/ca.pem' };

test.each<[what: string, configured: WebhookTls | undefined, flags: CertificateOptions, expected: WebhookTls]>([
  ['nothing', undefined, {}, {}],
  ['the configured certificate', CONFIGURED, {}, CONFIGURED],
  ['another CA', CONFIGURED, { cacert: 'own.pem' }, { ...CONFIGURED, cacert: 'own.pem' }],
  ['another passphrase', CONFIGURED, { passphraseEnv: 'Q' }, { ...CONFIGURED, passphrase: { env: 'Q' } }],
  ['no half of the configured one', CONFIGURED, { cert: 'own.pem' }, { cert: 'own.pem', cacert: '/ca.pem' }],
  ['a PKCS#12 file', CONFIGURED, { pfx: 'own.p12' }, { pfx: 'own.p12', cacert: '/ca.pem' }],
])('%s', (_, configured, flags, expected) => {
  expect(chooseTls(configured, flags)).toEqual(expected);
});

test.each<[flags: CertificateOptions, message: string]>([
  [{ key: 'k.pem' }, '--key k.pem needs its certificate'],
  [{ pfx: 'c.p12', cert: 'c.pem' }, '--pfx already contains what --cert and --key provide'],
  [{ passphraseEnv: 'P', passphraseFile: 'p' }, 'the passphrase is given more than once'],
])('%j is refused', (flags, message) => {
  expect(() => chooseTls(CONFIGURED, flags)).toThrow(expect.objectContaining({ kind: 'usage', message }));
});

const TARGET: Target = {
  webhookUuid: '00000000-0000-4000-8000-000000000001',
  vendor: findVendor('mailkite'),
  url: new URL('http://user:hunter2@127.0.0.1/hook?token=hunter2'),
  secret: { env: 'CONFIGURED' },
};

function environmentWith(env: Record<string, string>): SecretEnvironment & { reads: number } {
  const environment = {
    workingDirectory: '.',
    env,
    reads: 0,
    get stdin() {
      environment.reads += 1;
      return {
        async *[Symbol.asyncIterator]() {
          yield 'passphrase\n';
        },
      };
    },
  };
  return environment;
}

const REACH: OpenTargetOptions = { resolve: [], connectTo: [] };

test('the secret of a flag takes the place of the configured one; neither is shown', async () => {
  const environment = environmentWith({ CONFIGURED: 'whsec_one', OTHER: 'two' });
  expect(await openTarget(TARGET, REACH, environment)).toMatchObject({
    signingSecret: 'whsec_one',
    shownUrl: 'http://127.0.0.1/hook?token=***',
    warnings: [],
  });
  const other = await openTarget(TARGET, { ...REACH, secretEnv: 'OTHER' }, environment);
  expect(other).toMatchObject({ signingSecret: 'two', warnings: [expect.stringContaining('begin with whsec_')] });
  await expect(openTarget(TARGET, REACH, environmentWith({}))).rejects.toMatchObject({ kind: 'config' });
  expect(environment.reads).toBe(0);
});

test('what the transport opens with is read when it is asked for, and once: standard input is read once', async () => {
  const environment = environmentWith({ CONFIGURED: 'whsec_one' });
  const target = await openTarget(TARGET, { ...REACH, passphraseFile: '-', maxTime: 500 }, environment);
  expect(environment.reads).toBe(0);
  const [one, other] = await Promise.all([target.transportOptions(), target.transportOptions()]);
  expect(one).toBe(other);
  expect(one).toMatchObject({ timeoutMs: 500, tls: { passphrase: 'passphrase' }, connections: 1 });
  expect(environment.reads).toBe(1);
  expect(await target.transport()).toBe(await target.transport());
  await target.close();
});
