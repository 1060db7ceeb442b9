import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPublicKey } from '../../src/sign/scheme/sign-bytes.ts';
import { makePrivateKey } from '../../src/sign/scheme/keys.ts';
import { makeCertificate } from '../helpers/chain-maker.ts';
import { testFolder } from '../helpers/folder.ts';
import { runProgram, type Ended } from '../helpers/program.ts';
import { titleOf } from '../helpers/server-process.ts';
import { findVendor } from '../helpers/vendors.ts';
import { openSdkReceiver } from './receiver.ts';
import { hasSdks, SDKS, type Sdk } from './verifiers.ts';

// A receiver on each vendor's own SDK takes what hookproof sends as this vendor, and refuses what hookproof forges.

/** Not an SDK's to decide: it sees the signature and the body's bytes, not what the event says. */
const OF_THE_EVENT: ReadonlySet<string> = new Set([
  'content-type-text',
  'content-type-form',
  'malformed-json',
  'json-not-object',
  'empty-body',
]);

const NO_DATE = { 'replay-refreshed': 'it sees bytes, and not the date in them' };

const DECODED = { 'url-spelling': 'it tries the query decoded, too' };

/** Cases that a receiver does not pass by the SDK's own doing, and why. */
const LAXITIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '@octokit/webhooks-methods': NO_DATE,
  mailersend: NO_DATE,
  mailtrap: NO_DATE,
  '@sendgrid/eventwebhook': {
    stale: 'it asks no clock',
    replay: 'it asks no clock',
    future: 'it asks no clock',
    'time-unit': 'it asks no clock',
  },
  '@shopify/shopify-api': NO_DATE,
  twilio: DECODED,
  'twilio as twilio-event-streams': { ...DECODED, ...NO_DATE },
};

/** It finds the right one where its base64 ends in an equals sign, as two of three do. */
const BY_CHANCE: Readonly<Record<string, string>> = { '@sendgrid/eventwebhook': 'two-headers-good-first' };

const rows = SDKS.flatMap((sdk) =>
  sdk.vendors.map((id): [title: string, sdk: Sdk, id: string] => [`${sdk.id} as ${id}`, sdk, id]),
);

/** What hookproof signs with, and what the vendor shows its user. */
function makeKeys(id: string): { secret: string; key: string } {
  const spec = findVendor(id).signature.value;
  if (spec === null || !isPublicKey(spec.algorithm)) {
    const secret = `whsec_${Buffer.from('a secret of twenty-four ').toString('base64')}`;
    return { secret, key: secret };
  }
  const secret = makePrivateKey(spec.algorithm).trim();
  const privateKey = createPrivateKey(secret);
  if (spec.keyShown === 'x509-pem')
    return { secret, key: makeCertificate({ name: id, key: privateKey }).certificate.toString() };
  return { secret, key: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64') };
}

const webhook = (folder: string, secret: string, ...args: string[]): Promise<Ended> =>
  runProgram('webhook', [...args, '--secret-env', 'HOOK_SECRET'], {
    cwd: folder,
    env: { HOOK_SECRET: secret, HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db') },
  });

describe.skipIf(!hasSdks)(titleOf('receivers on the SDKs', hasSdks), () => {
  test.each(rows)('%s: what is sent is accepted', async (_, sdk, id) => {
    const { secret, key } = makeKeys(id);
    const receiver = await openSdkReceiver(sdk, key);
    const folder = testFolder();
    for (const { name } of findVendor(id).events.slice(0, 2)) {
      // Some vendors wait 3 s, which a busy machine needs for a receiver's first request.
      const args = ['send', '--url', receiver.url, '--vendor', id, '--event', name, '--max-time', '60s'];
      expect(await webhook(folder, secret, ...args)).toMatchObject({ code: 0 });
      expect(receiver.verdicts.splice(0)).toEqual([{ isAccepted: true }]);
    }
  });

  test('sns-validator: both versions are accepted, the confirmation too, and one that is forged is not', async () => {
    const sdk = SDKS.find(({ id }) => id === 'sns-validator') as Sdk;
    const { secret, key } = makeKeys('amazon-ses');
    const receiver = await openSdkReceiver(sdk, key);
    const run = async (command: string, ...args: string[]): Promise<boolean[]> => {
      const place = ['--url', receiver.url, '--vendor', 'amazon-ses'];
      await webhook(testFolder(), secret, command, ...place, ...args);
      return receiver.verdicts.splice(0).map(({ isAccepted }) => isAccepted);
    };
    expect(await run('send', '--event', 'topic-validated', '--set', 'SignatureVersion=2')).toEqual([true]);
    expect(await run('test', '--only', 'handshake-*')).toEqual([true]);
    // The right one first; then another key, no signature, another address.
    expect(await run('test', '--only', 'callback-forged')).toEqual([true, false, false, false]);
  });

  test.each(rows)('%s: what is forged is refused', async (_, sdk, vendor) => {
    const { secret, key } = makeKeys(vendor);
    const receiver = await openSdkReceiver(sdk, key);
    const folder = testFolder();
    const choice = ['--only', 'refuse', '--reporter', 'json=verdicts.json'];
    const { code, stderr } = await webhook(
      folder,
      secret,
      'test',
      '--url',
      receiver.url,
      '--vendor',
      vendor,
      ...choice,
    );
    const { findings } = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as {
      findings: { id: string; status: string }[];
    };
    const idsOf = (...statuses: string[]): string[] =>
      findings.filter(({ status }) => statuses.includes(status)).map((finding) => finding.id);
    const asked = (ids: readonly string[]): string[] =>
      ids.filter((id) => !OF_THE_EVENT.has(id) && id !== BY_CHANCE[sdk.id]).toSorted();
    const laxities = LAXITIES[`${sdk.id} as ${vendor}`] ?? LAXITIES[sdk.id] ?? {};
    expect(asked(idsOf('fail', 'warn'))).toEqual(asked(Object.keys(laxities)));
    expect(idsOf('pass').length).toBeGreaterThan(5);
    expect([stderr, code]).toEqual([
      expect.stringMatching(/^note: events that \S+ accepts take effect there.*\n$/),
      idsOf('fail').length > 0 ? 1 : 0,
    ]);
  });
});
