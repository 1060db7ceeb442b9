import { expect, test } from 'vitest';
import { rerunLine, type TestFlags } from '../../../src/cli/test/test-flags.ts';
import type { OpenTarget } from '../../../src/flows/session/open-target.ts';
import { findVendor } from '../../helpers/vendors.ts';

const URL_OF_SHOP = new URL('https://user:pass@shop.example/hook?list=3&token=hunter2hunter');
const DEFAULTS: TestFlags = {
  resolve: [],
  connectTo: [],
  reporter: [],
  only: [],
  skip: [],
  severity: 'must',
  maxTime: 1,
};

const lineOf = (flags: Partial<TestFlags>, name?: string): string => {
  const target = { name, vendor: findVendor('mailkite'), url: URL_OF_SHOP } as OpenTarget;
  return rerunLine('burst', target, { ...DEFAULTS, ...flags });
};

test.each<[what: string, name: string | undefined, flags: Partial<TestFlags>, line: string]>([
  ['a configured webhook by its name', 'my shop', {}, "webhook test 'my shop' --only burst"],
  [
    'every flag that decides what is sent, in one order',
    'shop',
    {
      insecure: true,
      connectTo: ['a:1:b:2'],
      ackMode: 'ack',
      events: ['email.received', 'email.sent'],
      cacert: 'ca.pem',
    },
    'webhook test shop --cacert ca.pem --events email.received,email.sent --ack-mode ack --only burst ' +
      '--connect-to a:1:b:2 -k',
  ],
  [
    'a secret on the command line as a variable',
    'shop',
    { secret: 'hunter2' },
    'webhook test shop --secret-env WEBHOOK_SECRET --only burst',
  ],
  [
    'where a secret is, and how long effects are waited for',
    'shop',
    { secretFile: 's.txt', passphraseEnv: 'PASS', effectsWait: 2000, effectsCmd: 'curl -H "token: hunter2" x' },
    "webhook test shop --secret-file s.txt --passphrase-env PASS --effects-wait 2000ms --only burst --effects-cmd '…'",
  ],
])('the line that runs a case again: %s', (_, name, flags, line) => {
  expect(lineOf(flags, name)).toBe(line);
});

test('an endpoint that is not configured is repeated without its secrets', () => {
  const line = lineOf({ url: URL_OF_SHOP.href, effectsUrl: 'https://user:pass@shop.example/done?token=hunter2hunter' });
  expect(line).toMatch(/^webhook test --url .* --vendor mailkite --only burst --effects-url /);
  expect(line).not.toMatch(/hunter2|:pass@/);
});
