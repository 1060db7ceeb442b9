import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { InvalidArgumentError } from 'commander';
import * as fc from 'fast-check';
import * as flagValues from '../../src/cli/terminal/flag-values.ts';
import { findNearMiss } from '../../src/cli/terminal/names.ts';
import { deleteWebhook, insertWebhook } from '../../src/config/edit-config-text.ts';
import { secretsAmong } from '../../src/config/env-file.ts';
import { parseConfig } from '../../src/config/read-config.ts';
import { planExport, type ExportOptions } from '../../src/export/export-plan.ts';
import { convertAllowlist, lintAllowlist } from '../../src/flows/callers/allowlist.ts';
import { checkServerRules } from '../../src/flows/callers/check-server-rules.ts';
import { inspectCertificates } from '../../src/flows/certs/inspect-certificates.ts';
import { judgeReceived } from '../../src/flows/receive/judge-received.ts';
import { verifyCaptures } from '../../src/flows/receive/verify-capture.ts';
import { parseRoutes, routeMail } from '../../src/flows/send/route-mail.ts';
import { checkVendorFile } from '../../src/flows/vendor/check-vendor-file.ts';
import { learnVendor } from '../../src/flows/vendor/learn-vendor.ts';
import { parseMail } from '../../src/mail/parse-mail.ts';
import { AppError, type AppErrorKind } from '../../src/model/error.ts';
import { parseHttpUrl } from '../../src/model/http-url.ts';
import { payloadFromMail } from '../../src/plan/from-mail.ts';
import { linkNowhere } from '../../src/plan/payload.ts';
import { readCaptures } from '../../src/receive/capture/read-capture.ts';
import type { ReceivedRequest } from '../../src/receive/received-request.ts';
import { readEntry } from '../../src/source/list/read-list.ts';
import { readAddressColumn, readColumn } from '../../src/source/log/address-log.ts';
import { builtInVendors } from '../../src/vendors/registry.ts';
import { findRouting } from '../../src/vendors/routing.ts';
import { KNOWN, SHOP } from '../config/known.ts';
import { VENDORS } from '../helpers/vendors.ts';
import { listLoadDoors } from './load-doors.ts';
import { editedJson, mutated } from './mutate.ts';
import {
  apacheFiles,
  asJson,
  bodiesOf,
  bodyAt,
  bytesOf,
  CAPTURES,
  certificateFiles,
  clock,
  CONFIGURATION,
  ids,
  JSON_CAPTURES,
  LISTS,
  mails,
  nginxFiles,
  NOW,
  ROUTES,
  signedRequests,
  VENDOR_FILES,
  WORDS,
} from './seeds.ts';

/** What reads input of one kind, as a command does. */
export interface Door {
  name: string;
  /** The errors that are documented for it; whatever else is thrown is a bug, exit code 70. */
  kinds: readonly AppErrorKind[];
  /** Of the inputs of all doors: how many of a hundred. */
  share: number;
  /** Takes so long that only `npm run soak` tries it. */
  isSlow?: true;
  inputs: fc.Arbitrary<Buffer>;
  open(bytes: Buffer): unknown;
}

const SECRET = 'secret-of-the-tests!';

/** All doors; a file that one of them reads is written into `folder`. */
export async function listDoors(folder: string): Promise<Door[]> {
  const requests = await signedRequests();
  return [
    CONFIGURATION_DOOR,
    MAIL_DOOR,
    ...fileDoors(folder, await certificateFiles(SECRET)),
    ...requestDoors(folder, requests),
    ...FLAG_DOORS,
    ...RULE_DOORS,
    ...LIST_DOORS,
    ...listLoadDoors(askAll),
  ];
}

const CONFIGURATION_DOOR: Door = {
  name: 'configuration',
  kinds: ['config'],
  share: 12,
  inputs: fc.oneof(mutated(asJson(CONFIGURATION), WORDS.configuration), editedJson([CONFIGURATION])),
  open: (bytes) => {
    const text = bytes.toString('utf8');
    const { webhooks } = parseConfig(text, 'webhook.config.json', KNOWN);
    // What is written can be read again.
    parseConfig(insertWebhook(text, { ...SHOP, name: 'new', uuid: ids.uuidV4() }), 'new', KNOWN);
    if (webhooks.length > 0) parseConfig(deleteWebhook(text, 0), 'new', KNOWN);
  },
};

const MAIL_KINDS = ['mailkite-message', 'mailkite-selfhost-message', 'mail-plus-message'] as const;

const MAIL_DOOR: Door = {
  name: 'mail',
  kinds: ['input'],
  share: 9,
  inputs: mutated(mails(), WORDS.mail),
  open: async (bytes) => {
    const message = await parseMail(bytes);
    const options = { linkAttachment: linkNowhere, recipient: undefined, inlineAttachments: true };
    for (const kind of MAIL_KINDS) payloadFromMail(kind, message, options, clock, ids);
  },
};

const environmentIn = (folder: string) => ({
  workingDirectory: folder,
  homeDirectory: folder,
  env: { SECRET },
  stdin: Readable.from([]),
});

function fileDoors(folder: string, certificates: readonly Buffer[]): Door[] {
  const environment = environmentIn(folder);
  const write = (name: string, bytes: Buffer): string => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };
  return [
    {
      name: 'vendor file',
      kinds: ['input'],
      share: 9,
      inputs: fc.oneof(mutated(asJson(...VENDOR_FILES), WORDS.vendor), editedJson(VENDOR_FILES)),
      open: (bytes) => checkVendorFile(write('acme.vendor.json', bytes), environment, clock, ids),
    },
    {
      name: 'certificates and keys',
      kinds: ['input', 'usage'],
      share: 8,
      inputs: mutated(certificates, WORDS.pem),
      open: (bytes) =>
        inspectCertificates(
          { files: [write('a.pem', bytes)], daysWarning: 30, passphraseEnv: 'SECRET' },
          builtInVendors,
          environment,
          clock,
        ),
    },
  ];
}

function requestDoors(folder: string, requests: readonly Buffer[]): Door[] {
  const expected = { vendor: null, vendors: VENDORS, verifies: true, secretsOf: () => [SECRET] };
  const otherBodies = fc
    .tuple(fc.constantFrom(...requests), editedJson(bodiesOf(requests)))
    .map(([request, body]) => Buffer.concat([request.subarray(0, bodyAt(request)), body]));
  return [
    {
      name: 'signature headers and bodies',
      kinds: [],
      share: 9,
      inputs: fc.oneof(mutated(requests, WORDS.signature), otherBodies),
      open: (bytes) => {
        const request = readRequest(bytes);
        judgeReceived(request, expected, NOW);
        // Of a request that is believed more is read.
        judgeReceived(request, { ...expected, verifies: false }, NOW);
      },
    },
    {
      name: 'captures',
      kinds: ['input', 'usage'],
      share: 9,
      inputs: fc.oneof(mutated([...CAPTURES, ...requests], WORDS.capture), editedJson(JSON_CAPTURES)),
      open: async (bytes) => {
        const config = { path: null, webhooks: [] };
        const options = { secretEnv: ['SECRET'] };
        const captured = await readCaptures(bytes);
        await verifyCaptures(captured, options, config, builtInVendors, environmentIn(folder), NOW);
      },
    },
    {
      name: 'captures to learn from',
      kinds: ['input', 'usage'],
      share: 1,
      isSlow: true,
      inputs: mutated(requests, WORDS.capture),
      open: async (bytes) => learnVendor(await readCaptures(bytes), SECRET, { id: 'own' }, NOW),
    },
  ];
}

/** A request as it may have come over the wire; of bytes that are none, an empty one. */
function readRequest(bytes: Buffer): ReceivedRequest {
  const end = bodyAt(bytes);
  const [first = '', ...lines] = bytes
    .subarray(0, Math.max(end - 4, 0))
    .toString('latin1')
    .split('\r\n');
  const [method = 'POST', path = '/'] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1).trim()];
  });
  return { method, path, headers, body: bytes.subarray(end), remoteAddress: '' };
}

/** Asks each: the first that refuses must not keep the others from being asked. */
function askAll(readers: readonly ((text: string) => unknown)[], text: string): void {
  for (const read of readers) {
    try {
      read(text);
    } catch (error) {
      // As a flag of the command line: exit code 2.
      const isRefused = error instanceof InvalidArgumentError || (error instanceof AppError && error.kind === 'usage');
      if (!isRefused) throw error;
    }
  }
}

const exportWith =
  (...flags: (keyof ExportOptions)[]) =>
  (text: string): unknown =>
    planExport(null, Object.fromEntries(flags.map((flag) => [flag, text])) as unknown as ExportOptions);

const { moment, momentMs, isoText, presentMs, dayCount } = flagValues;
const readPast = (text: string): number => momentMs(moment(text), NOW);
const readIso = (text: string): string => isoText(text, NOW);
const { durationMs, tolerance, count, port, listenPort, statusCodes, keyBits } = flagValues;

const FLAG_DOORS: readonly Door[] = [
  {
    name: 'flags',
    kinds: [],
    share: 8,
    inputs: mutated(
      bytesOf('500ms', '24h', '12', '500,500,200', 'https://u:p@a.example/x?y#z', '2001:db8::/32'),
      WORDS.date,
    ),
    open: (bytes) => {
      const numbers = [durationMs, tolerance, count, port, listenPort, statusCodes, keyBits];
      const exports = (['fields', 'limit', 'page', 'format', 'from', 'status'] as (keyof ExportOptions)[]).map((flag) =>
        exportWith(flag),
      );
      askAll([...numbers, ...exports, parseHttpUrl, readColumn, readEntry], bytes.toString('utf8'));
    },
  },
  {
    name: 'dates',
    kinds: [],
    share: 8,
    inputs: mutated(
      bytesOf('2026-11-01', '2026-11-01T09:00:00Z', '24h', '11:07', '2026-11-01T09:00:00.123+02:00'),
      WORDS.date,
    ),
    open: (bytes) => {
      askAll([readPast, readIso, presentMs, dayCount, exportWith('from', 'to')], bytes.toString('utf8'));
    },
  },
  {
    name: 'variables',
    kinds: [],
    share: 3,
    inputs: mutated(bytesOf('https://u:p@a.example/', 'whsec_abc', 'Bearer x')),
    open: (bytes) => secretsAmong({ TOKEN: bytes.toString('utf8'), 'X Y': bytes.toString('latin1') }),
  },
];

const VENDOR_NETWORK = readEntry('127.0.0.1');
const CALLERS = {
  networks: 'network' in VENDOR_NETWORK ? [{ network: VENDOR_NETWORK.network, source: 'a test' }] : [],
  suffixes: [],
  whyNobody: null,
};

const RULE_DOORS: readonly Door[] = [
  {
    name: 'nginx',
    kinds: ['input', 'usage'],
    share: 6,
    inputs: mutated(nginxFiles(), WORDS.nginx),
    open: (input) => checkServerRules({ nginx: '-', input, path: '/hook' }, CALLERS, clock, findNearMiss),
  },
  {
    name: 'Apache',
    kinds: ['input', 'usage'],
    share: 6,
    inputs: mutated(apacheFiles(), WORDS.apache),
    open: (input) => checkServerRules({ apache: '-', input, path: '/hook' }, CALLERS, clock, findNearMiss),
  },
  {
    name: 'routes',
    kinds: ['input', 'usage'],
    share: 2,
    inputs: fc.oneof(mutated(asJson(ROUTES), ['/^(a+)+$/', '"match"', '*']), editedJson([ROUTES])),
    open: (bytes) => {
      const routing = findRouting('mailkite');
      const { routes } = parseRoutes(bytes, 'routes.json', routing, findNearMiss);
      routeMail(routes, ['mia@example.org', `${'a'.repeat(60)}@example.org`], null, routing);
    },
  },
];

const LIST_DOORS: readonly Door[] = [
  {
    name: 'allowlists',
    kinds: ['input', 'usage'],
    share: 4,
    inputs: mutated(LISTS, WORDS.list),
    open: (bytes) => {
      for (const from of ['list', 'nginx', 'nftables']) lintAllowlist({ name: 'allow.txt', bytes, from }, clock);
      convertAllowlist({ name: 'allow.txt', bytes, from: 'list' }, 'nginx', true);
    },
  },
  {
    name: 'logs of addresses',
    kinds: ['input', 'usage'],
    share: 2,
    inputs: mutated(
      bytesOf('192.0.2.1 - - [01/Nov/2026] "POST /hook"\n', '{"remote_addr":"192.0.2.1","a":1}\n'),
      WORDS.list,
    ),
    open: async (bytes) => {
      for (const column of [null, { number: 2 }, { name: 'remote_addr' }]) {
        const pieces = Readable.from([bytes.subarray(0, 40), bytes.subarray(40)]);
        for await (const _ of readAddressColumn(pieces, column));
      }
    },
  },
];
