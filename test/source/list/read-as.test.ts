import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { array, constantFrom, integer, oneof, sample, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addressOf,
  BITS,
  readAddress,
  type Address,
  networkAround,
  type Network,
} from '../../../src/source/address.ts';
import { readEverywhere, REFUSES } from '../../../src/source/list/read-as.ts';
import { readList } from '../../../src/source/list/read-list.ts';
import { hasApache } from '../../helpers/apache.ts';
import { hasNginx, nginxSyntaxError } from '../../helpers/nginx.ts';
import { makeServerFolder, startServer, syntaxError, type RunningServer } from '../../helpers/server-process.ts';

// Of npm netmask, which is not among our dependencies, the answers of 2.1.1 are written down here.
const TABLE = `
  text                    | nginx                 | Apache                | Node BlockList  | ipaddr.js       | netmask
  192.0.2.1               | 192.0.2.1             | 192.0.2.1             | 192.0.2.1       | 192.0.2.1       | 192.0.2.1
  192.0.2.5/24            | 192.0.2.0/24          | 192.0.2.0/24          | 192.0.2.0/24    | 192.0.2.0/24    | 192.0.2.0/24
  192.0.2.0/255.255.255.0 | -                     | 192.0.2.0/24          | -               | -               | 192.0.2.0/24
  192.0.2.0/0.0.0.0       | -                     | 0.0.0.0/0             | -               | -               | -
  192.0.2.0/255.0.255.0   | -                     | every address that equals 192.0.2.0 in the bits of 255.0.255.0 | - | - | -
  192.0.2.0/0.0.0.255     | -                     | every address that equals 192.0.2.0 in the bits of 0.0.0.255 | - | - | -
  10                      | -                     | 10.0.0.0/8            | -               | 0.0.0.10        | 0.0.0.10
  10.1                    | -                     | 10.1.0.0/16           | -               | 10.0.0.1        | 10.0.0.1
  10.1/16                 | -                     | -                     | -               | 10.0.0.0/16     | 10.0.0.0/16
  10.1.                   | -                     | 10.1.0.0/16           | -               | -               | -
  192.0.2.                | 192.0.2.0             | 192.0.2.0/24          | -               | -               | -
  192.0.2./24             | 192.0.2.0/24          | -                     | -               | -               | -
  1..2.3                  | 1.0.2.3               | -                     | -               | -               | -
  010.0.0.1               | 10.0.0.1              | 10.0.0.1              | -               | 8.0.0.1         | 8.0.0.1
  010.0.0.0/8             | 10.0.0.0/8            | 10.0.0.0/8            | -               | 8.0.0.0/8       | 8.0.0.0/8
  08.0.0.1                | 8.0.0.1               | 8.0.0.1               | -               | -               | -
  0x0a.0.0.1              | -                     | -                     | -               | 10.0.0.1        | 10.0.0.1
  167772161               | -                     | -                     | -               | 10.0.0.1        | 10.0.0.1
  192.0.2.0/              | -                     | -                     | 0.0.0.0/0       | -               | 192.0.2.0
  192.0.2.0/-1            | -                     | -                     | -               | -               | every IPv4 address
  192.0.2.0/-0            | -                     | -                     | -               | -               | 0.0.0.0/0
  192.0.2.0/+24           | -                     | 192.0.2.0/24          | 192.0.2.0/24    | -               | 192.0.2.0/24
  192.0.2.0/010           | 192.0.0.0/10          | 192.0.0.0/10          | 192.0.0.0/10    | 192.0.0.0/10    | 192.0.0.0/10
  192.0.2.0/0x18          | -                     | -                     | 192.0.2.0/24    | -               | 0.0.0.0/0
  10.0.0.0/1e1            | -                     | -                     | 10.0.0.0/10     | -               | 0.0.0.0/1
  192.0.2.1/24/24         | -                     | -                     | 192.0.2.0/24    | -               | 192.0.2.0/24
  192.0.2.0/33            | -                     | -                     | -               | -               | -
  255.255.255.255         | -                     | 255.255.255.255       | 255.255.255.255 | 255.255.255.255 | 255.255.255.255
  0.0.0.0/0               | 0.0.0.0/0             | -                     | 0.0.0.0/0       | 0.0.0.0/0       | 0.0.0.0/0
  ::/0                    | ::/0                  | -                     | ::/0            | ::/0            | ::/0
  2001:db8::1/32          | 2001:db8::/32         | 2001:db8::/32         | 2001:db8::/32   | 2001:db8::/32   | 2001:db8::/32
  2001:DB8:0::0001        | 2001:db8::1           | 2001:db8::1           | 2001:db8::1     | 2001:db8::1     | 2001:db8::1
  1:2:3:4:5:6:7::         | -                     | 1:2:3:4:5:6:7:0       | 1:2:3:4:5:6:7:0 | 1:2:3:4:5:6:7:0 | 1:2:3:4:5:6:7:0
  ::ffff:192.0.2.1        | ::ffff:c000:201, which matches no IPv4 caller | - | 192.0.2.1 | 192.0.2.1  | ::ffff:c000:201
  ::1.2.3.4               | ::102:304             | ::102:304             | ::102:304       | 1.2.3.4         | ::102:304
  64:ff9b::192.0.2.1      | 64:ff9b::c000:201     | 64:ff9b::c000:201     | 64:ff9b::c000:201 | 64:ff9b::c000:201 | 64:ff9b::c000:201
  2001:db8::1%eth0        | -                     | -                     | 2001:db8::1     | 2001:db8::1%eth0 | 2001:db8::1
  all                     | every address         | -                     | -               | -               | -
  [2001:db8::1]           | -                     | -                     | -               | -               | -
  192.0.2.1:443           | -                     | -                     | -               | -               | -
`;

const [head = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

test.each(rows.map((row) => [row[0] as string, row] as const))('%s', (text, row) => {
  expect(readEverywhere(text).map(({ program, reading }) => [program, reading])).toEqual(
    head.slice(1).map((program, index) => [program, row[index + 1] === '-' ? REFUSES : row[index + 1]]),
  );
});

test('a long text is an address to nobody', () => {
  expect(new Set(readEverywhere('1'.repeat(1_000_000)).map(({ reading }) => reading))).toEqual(new Set([REFUSES]));
});

test('a mapped address in a BlockList is the IPv4 address', () => {
  const list = new BlockList();
  list.addAddress('::ffff:192.0.2.1', 'ipv6');
  expect(list.check('192.0.2.1', 'ipv4')).toBe(true);
});

const piece = oneof(
  constantFrom('0', '1', '10', '010', '192', '255', '256', '0xa', 'ffff', 'db8', '0', '00', ''),
  integer({ min: 0, max: 40 }).map(String),
);
const odd = array(tuple(piece, constantFrom('.', '.', '.', '.', ':', '::', '/', '')), { minLength: 3, maxLength: 8 })
  .map((parts) => parts.flat().join(''))
  .filter((text) => text !== '' && text.length < 40);
const ODD = [...new Set(sample(odd, { numRuns: 1500, seed: 7 }))];

/** Networks of both families, spelled in all the ways that lists accept. */
const group = oneof(
  constantFrom('0', '0', '0', '0000', '00a', 'F', 'fFfF', '0db8'),
  integer({ min: 0, max: 0xffff }).map((value) => value.toString(16)),
);
const spelled = array(group, { minLength: 8, maxLength: 8 }).chain((groups) =>
  tuple(integer({ min: 0, max: 8 }), integer({ min: 0, max: 8 })).map(([from, length]) =>
    length === 0 ? groups.join(':') : `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`,
  ),
);
const octets = array(integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }).map((numbers) => numbers.join('.'));
const good = oneof(
  spelled,
  tuple(spelled, integer({ min: 0, max: 128 })).map((parts) => parts.join('/')),
  octets,
  tuple(octets, integer({ min: 0, max: 32 })).map((parts) => parts.join('/')),
);
const GOOD = sample(good, { numRuns: 200, seed: 7 }).filter((text) => readList(text, null).problems.length === 0);

test('lists accept most of those', () => {
  expect(GOOD.length).toBeGreaterThan(120);
});

/** Texts that neither the table nor chance may hide, by what the program is said to make of them. */
function textsFor(program: string): { taken: [string, string][]; refused: string[] } {
  const readings = [...rows.map(([text]) => text as string), ...GOOD, ...ODD].map((text): [string, string] => [
    text,
    readEverywhere(text).find((one) => one.program === program)?.reading ?? '',
  ]);
  return {
    taken: readings.filter(([, reading]) => reading !== REFUSES).slice(0, 300),
    refused: readings.filter(([, reading]) => reading === REFUSES).map(([text]) => text),
  };
}

/** Both servers believe a header about who calls, and answer 403 or, for want of a file, 404. */
const asks: Record<
  'nginx' | 'Apache',
  {
    isHere: boolean;
    start: (taken: readonly string[]) => Promise<RunningServer<'site'>>;
    refusal: (folder: string, text: string) => string | null;
  }
> = {
  nginx: {
    isHere: hasNginx,
    start: (taken) =>
      startServer({
        program: 'nginx',
        names: ['site'],
        configure: (folder, port) => {
          const locations = taken.map((text, index) => `location /${index}/ { allow ${text}; deny all; }`).join('\n');
          const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
            .map((what) => `${what}_temp_path ${what};`)
            .join(' ');
          writeFileSync(
            join(folder, 'nginx.conf'),
            `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ${temporary} root ${folder}; set_real_ip_from 127.0.0.0/8; real_ip_header X-Caller; server { listen 127.0.0.1:${port('site')};\n${locations}\n} }`,
          );
          return ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'];
        },
      }),
    refusal: (folder, text) => nginxSyntaxError(folder, `allow ${text};`),
  },
  Apache: {
    isHere: hasApache && existsSync('/usr/lib/apache2/modules/mod_remoteip.so'),
    start: (taken) =>
      startServer({
        program: 'apache2',
        names: ['site'],
        configure: (folder, port) => {
          chmodSync(folder, 0o755);
          const locations = taken.map((text, index) => `<Location "/${index}/">\nRequire ip ${text}\n</Location>`);
          writeFileSync(
            join(folder, 'apache.conf'),
            [
              ...apacheGlobals(folder),
              `Listen 127.0.0.1:${port('site')}`,
              `DocumentRoot ${folder}`,
              'RemoteIPHeader X-Caller',
              'RemoteIPInternalProxy 127.0.0.1',
              ...locations,
            ].join('\n'),
          );
          return ['-d', folder, '-f', join(folder, 'apache.conf'), '-DFOREGROUND'];
        },
      }),
    refusal: (folder, text) => {
      writeFileSync(
        join(folder, 'apache.conf'),
        [...apacheGlobals(folder), 'Listen 127.0.0.1:1', '<Location "/">', `Require ip ${text}`, '</Location>'].join(
          '\n',
        ),
      );
      return syntaxError('apache2', ['-t', '-d', folder, '-f', join(folder, 'apache.conf')]);
    },
  },
};

function apacheGlobals(folder: string): string[] {
  return [
    ...['mpm_event', 'authz_core', 'authz_host', 'remoteip'].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    ),
    `ServerRoot ${folder}`,
    'ServerName localhost',
    'PidFile apache.pid',
    'ErrorLog error.log',
    `DefaultRuntimeDir ${folder}`,
    `Mutex file:${folder} default`,
    'StartServers 1',
    'ServerLimit 1',
    'ThreadsPerChild 32',
    'MaxRequestWorkers 32',
    'MinSpareThreads 1',
    'MaxSpareThreads 32',
    ...(process.getuid?.() === 0 ? ['User #65534', 'Group #65534'] : []),
  ];
}

describe.each(Object.entries(asks))('%s itself', (program, { isHere, start, refusal }) => {
  const { taken, refused } = textsFor(program);
  let server: RunningServer<'site'> | null = null;
  let folder = '';
  beforeAll(async () => {
    folder = makeServerFolder('readings');
    if (isHere) server = await start(taken.map(([text]) => text));
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.skipIf(!isHere)(
    'admits exactly those whom each text is said to mean',
    async () => {
      const wrong: string[] = [];
      for (const [index, [text, reading]] of taken.entries()) {
        for (const [caller, isAdmitted] of callersFor(reading)) {
          const response = await fetch(`http://127.0.0.1:${server?.port('site')}/${index}/`, {
            headers: { 'X-Caller': caller },
          });
          await response.arrayBuffer();
          if ((response.status === 404) !== isAdmitted || ![403, 404].includes(response.status))
            wrong.push(`${text}, said to be ${reading}, answers ${caller} with ${response.status}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  test.skipIf(!isHere)(
    'refuses what it is said to refuse',
    () => {
      const odds = refused.filter((text) => ODD.includes(text)).slice(0, 60);
      const wrong = [...refused.filter((text) => !ODD.includes(text)), ...odds].filter(
        (text) => refusal(folder, text) === null,
      );
      expect(wrong).toEqual([]);
    },
    60_000,
  );
});

/** On both sides of each boundary of what is meant. */
function callersFor(reading: string): [string, boolean][] {
  if (reading === 'every address')
    return [
      ['192.0.2.1', true],
      ['2001:db8::1', true],
    ];
  const [, base, bits] = /^every address that equals (\S+) in the bits of (\S+)$/.exec(reading) ?? [];
  if (base !== undefined && bits !== undefined) return callersByBits(valueOf(base), valueOf(bits));
  if (reading.includes('no IPv4 caller')) return [['192.0.2.1', false]];
  const [written = '', prefix] = reading.split('/');
  const address = readAddress(written) ?? expect.fail(reading);
  const network: Network = networkAround(address, prefix === undefined ? BITS[address.family] : Number(prefix));
  const { first, last, family } = network;
  const outside = [first.value - 1n, last.value + 1n]
    .filter((value) => value >= 0n && value < 2n ** BigInt(BITS[family]))
    .map((value) => addressOf(family, value));
  // Nobody calls from there, and nginx cannot read it in a header either.
  const inside = [first, last].filter(({ text }) => text !== '255.255.255.255');
  return [
    ...inside.map(({ text }): [string, boolean] => [text, true]),
    ...outside.map(({ text }): [string, boolean] => [text, false]),
  ];
}

const valueOf = (text: string): bigint => (readAddress(text) as Address).value;

/** Each bit turned around on its own. */
function callersByBits(base: bigint, bits: bigint): [string, boolean][] {
  return Array.from({ length: 32 }, (_, bit): [string, boolean] => [
    addressOf(4, base ^ (1n << BigInt(bit))).text,
    (bits & (1n << BigInt(bit))) === 0n,
  ]);
}
