import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { array, assert, bigInt, constantFrom, integer, option, property, string, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { addressOf, BITS, type Family, networkAround } from '../../../src/source/address.ts';
import { collapseList, type AddressList } from '../../../src/source/list/address-list.ts';
import { convertList, readConverted } from '../../../src/source/list/convert-list.ts';
import { FORMS, type ListForm } from '../../../src/source/list/forms.ts';
import { readList } from '../../../src/source/list/read-list.ts';
import { hasApache } from '../../helpers/apache.ts';
import { caddySyntaxError, hasCaddy } from '../../helpers/caddy.ts';
import { hasHaproxy, haproxySyntaxError } from '../../helpers/haproxy.ts';
import { hasNginx, nginxSyntaxError } from '../../helpers/nginx.ts';
import {
  isInstalled,
  makeServerFolder,
  startServer,
  syntaxError,
  type ServerSpec,
} from '../../helpers/server-process.ts';

const formOf = (id: string): ListForm => FORMS.find((one) => one.id === id) ?? expect.fail(id);
const listOf = (text: string): AddressList => {
  const list = readList(text, 'allow.txt');
  expect(list.problems).toEqual([]);
  return list;
};
const networksOf = ({ entries }: AddressList): string[] => entries.map(({ network }) => network.text);
const written = (text: string, id: string, collapses = false): string =>
  convertList(listOf(text), formOf(id), collapses);

const SAMPLE = '# Mailkit\n185.136.200.0/255.255.252.0 # theirs\n\n2a01:4f8::1\n# the end';

test.each([
  [
    'nginx',
    `# Mailkit
allow 185.136.200.0/22;  # theirs
allow 2a01:4f8::1/128;
# the end
deny all;
`,
  ],
  [
    'apache',
    `<RequireAny>
  # Mailkit
  # theirs
  Require ip 185.136.200.0/22
  Require ip 2a01:4f8::1/128
  # the end
</RequireAny>
`,
  ],
  [
    'caddy',
    `@webhook_stranger not {
  # Mailkit
  remote_ip 185.136.200.0/22  # theirs
  remote_ip 2a01:4f8::1/128
  # the end
}
respond @webhook_stranger 403
`,
  ],
  [
    'haproxy',
    `# Mailkit
acl webhook_caller src 185.136.200.0/22  # theirs
acl webhook_caller src 2a01:4f8::1/128
# the end
http-request deny deny_status 403 unless webhook_caller
`,
  ],
  [
    'nftables',
    `table inet filter {
  set webhook_ipv4 { type ipv4_addr; flags interval; auto-merge; }
  set webhook_ipv6 { type ipv6_addr; flags interval; auto-merge; }
  chain webhook_callers { }
}
flush set inet filter webhook_ipv4
flush set inet filter webhook_ipv6
flush chain inet filter webhook_callers
table inet filter {
  set webhook_ipv4 {
    type ipv4_addr
    flags interval
    auto-merge
    elements = {
      # Mailkit
      185.136.200.0/22,  # theirs
    }
  }
  set webhook_ipv6 {
    type ipv6_addr
    flags interval
    auto-merge
    elements = {
      2a01:4f8::1/128,
      # the end
    }
  }
  chain webhook_callers {
    ip saddr @webhook_ipv4 return
    ip6 saddr @webhook_ipv6 return
    drop
  }
}
`,
  ],
  [
    'list',
    `# Mailkit
185.136.200.0/22  # theirs
2a01:4f8::1/128
# the end
`,
  ],
])('written for %s', (id, text) => {
  expect(written(SAMPLE, id)).toBe(text);
});

test('collapsed, the list has no more networks than it needs', () => {
  expect(written('# two\n5.5.5.5 # b\n5.5.5.4 # a\n5.5.5.4', 'nginx', true)).toBe(
    'allow 5.5.5.4/31;  # a, b\ndeny all;\n',
  );
});

test('nginx cannot read the broadcast address', () => {
  expect(() => written('5.5.5.5\n255.255.255.255', 'nginx')).toThrow('nginx cannot read 255.255.255.255');
});

const network = constantFrom<Family>(4, 6)
  .chain((family) =>
    tuple(bigInt({ min: 0n, max: 2n ** BigInt(BITS[family]) - 2n }), integer({ min: 0, max: BITS[family] })).map(
      ([value, prefixLength]) => networkAround(addressOf(family, value), prefixLength),
    ),
  )
  .filter(({ first }) => first.family === 4 || first.value >> 32n !== 0xffffn);
const comment = option(string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll(/[\n\r]/g, '')));
const listText = array(tuple(option(network, { freq: 5 }), comment), { maxLength: 15 }).map((lines) =>
  lines.map(([one, said]) => `${one?.text ?? ''}${said === null ? '' : ` #${said}`}`).join('\n'),
);

describe.each(FORMS.map((format) => [format.id, format] as const))('%s', (id, format) => {
  test('what was written reads as the same networks', () => {
    let networks = 0;
    assert(
      property(listText, (text) => {
        const list = listOf(text);
        networks += list.entries.length;
        const again = readConverted(convertList(list, format, false), format, 'again');
        expect(again.problems).toEqual([]);
        const expected =
          id === 'nftables'
            ? list.entries.toSorted((one, other) => one.network.family - other.network.family)
            : list.entries;
        // Apache has no prefix of 0: two halves stand for it.
        if (id === 'apache' && expected.some((one) => one.network.prefixLength === 0))
          expect(networksOf({ ...again, entries: collapseList(again.entries) })).toEqual(
            collapseList(expected).map((one) => one.network.text),
          );
        else expect(networksOf(again)).toEqual(expected.map((one) => one.network.text));
      }),
    );
    expect(networks).toBeGreaterThan(100);
  });

  test('what was written twice is the same', () => {
    assert(
      property(listText, (text) => {
        const once = convertList(readConverted(convertList(listOf(text), format, false), format, null), format, false);
        expect(convertList(readConverted(once, format, null), format, false)).toBe(once);
      }),
    );
  });

  test('another line than its own is a problem, told with its place', () => {
    const lines = convertList(listOf(SAMPLE), format, false).trimEnd().split('\n');
    expect(readConverted([...lines, 'include other.conf;'].join('\n'), format, 'old').problems[0]).toMatchObject({
      file: 'old',
      line: lines.length + 1,
    });
  });
});

/** Comments that a careless writer would let through as directives, and networks at the ends of what there is. */
const HOSTILE = [
  String.raw`5.5.5.5 # ends in a backslash \ `,
  String.raw`5.5.5.6 # has one \ within`,
  '5.5.5.7 # } ; ) { "\' ` <<EOF',
  '5.5.5.8 # {$HOME} ${HOME} $HOME %[src]',
  '5.5.5.9 # \u0085allow all;\u2028Require all granted\v\f\u0000\u001b[2J',
  `5.5.5.10 # ${'x'.repeat(5000)}`,
  '# \\',
  '5.5.5.5/32',
  '5.5.5.0/24 # twice, and around the others',
  '0.0.0.0/0',
  '0.0.0.0/1',
  '0.0.0.0',
  '255.255.255.254/31',
  '::/0',
  '::',
  '::/96',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '2001:db8::/32',
]
  .join('\n')
  .replaceAll('backslash \\ ', 'backslash \\');

const hasNft = isInstalled('nft', '-v');
/**
 * Only the kernel can check a table, in a network of its own; a container may have none to give, and then nobody here
 * can ask.
 */
const mayLoadTables = hasNft && spawnSync('unshare', ['-rn', 'nft', 'list', 'ruleset']).status === 0;
const asksKernel = !hasNft || mayLoadTables;
const MODULES = '/usr/lib/apache2/modules';
const apacheGlobals = (folder: string): string[] => [
  ...['mpm_event', 'authz_core', 'authz_host'].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
  `ServerRoot ${folder}`,
  'ServerName localhost',
  'PidFile apache.pid',
  'ErrorLog error.log',
  `DefaultRuntimeDir ${folder}`,
  `Mutex file:${folder} default`,
  'StartServers 1',
  'ServerLimit 1',
  'ThreadsPerChild 8',
  'MaxRequestWorkers 8',
  'MinSpareThreads 1',
  'MaxSpareThreads 8',
  ...(process.getuid?.() === 0 ? ['User #65534', 'Group #65534'] : []),
];
const hasApacheHost = hasApache && existsSync(`${MODULES}/mod_authz_host.so`);

interface Program {
  isHere: boolean;
  /** What its own check says; null when it is content. */
  check: (folder: string, text: string) => string | null;
  /** Answers anything but 403 to whom it admits; null: no server. */
  serve: ((folder: string, port: number, text: string) => { program: string; args: readonly string[] }) | null;
}

const PROGRAMS: Record<string, Program> = {
  nginx: {
    isHere: hasNginx,
    check: (folder, text) => nginxSyntaxError(folder, `server { listen 127.0.0.1:1; location / {\n${text}\n} }`),
    serve: (folder, port, text) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((what) => `${what}_temp_path ${what};`)
        .join(' ');
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ${temporary} root ${folder}; server { listen 127.0.0.1:${port}; location / {\n${text}\n} } }`,
      );
      return { program: 'nginx', args: ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'] };
    },
  },
  apache: {
    isHere: hasApacheHost,
    check: (folder, text) => {
      writeFileSync(
        join(folder, 'apache.conf'),
        [...apacheGlobals(folder), 'Listen 127.0.0.1:1', '<Location "/">', text, '</Location>'].join('\n'),
      );
      return syntaxError('apache2', ['-t', '-d', folder, '-f', join(folder, 'apache.conf')]);
    },
    serve: (folder, port, text) => {
      chmodSync(folder, 0o755);
      writeFileSync(
        join(folder, 'apache.conf'),
        [
          ...apacheGlobals(folder),
          `Listen 127.0.0.1:${port}`,
          `DocumentRoot ${folder}`,
          '<Location "/">',
          text,
          '</Location>',
        ].join('\n'),
      );
      return { program: 'apache2', args: ['-d', folder, '-f', join(folder, 'apache.conf'), '-DFOREGROUND'] };
    },
  },
  caddy: {
    isHere: hasCaddy,
    check: (folder, text) => caddySyntaxError(folder, `http://:1 {\n${text}\nrespond 204\n}`),
    serve: (folder, port, text) => {
      writeFileSync(
        join(folder, 'Caddyfile'),
        `{\nadmin off\nauto_https off\nstorage file_system ${folder}\n}\nhttp://:${port} {\nbind 127.0.0.1\n${text}\nrespond 204\n}\n`,
      );
      return { program: 'caddy', args: ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'] };
    },
  },
  haproxy: {
    isHere: hasHaproxy,
    check: (folder, text) =>
      haproxySyntaxError(folder, `frontend hooks\nbind 127.0.0.1:1\n${text}\nhttp-request return status 204`),
    serve: (folder, port, text) => {
      writeFileSync(
        join(folder, 'haproxy.cfg'),
        `defaults\nmode http\ntimeout client 9s\ntimeout connect 9s\ntimeout server 9s\nfrontend hooks\nbind 127.0.0.1:${port}\n${text}\nhttp-request return status 204\n`,
      );
      return { program: 'haproxy', args: ['-db', '-f', join(folder, 'haproxy.cfg')] };
    },
  },
  nftables: {
    isHere: hasNft,
    check: (folder, text) => {
      writeFileSync(join(folder, 'list.nft'), text);
      return syntaxError('unshare', ['-rn', 'nft', '-f', join(folder, 'list.nft')]);
    },
    serve: null,
  },
};

let folder: string;
beforeAll(() => {
  folder = makeServerFolder('convert');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(PROGRAMS).filter(([id]) => id !== 'nftables' || asksKernel))(
  '%s itself',
  (id, { isHere, check }) => {
    test.skipIf(!isHere)('takes what was written for it, whatever the comments say', () => {
      expect(check(folder, written(HOSTILE, id))).toBeNull();
      expect(check(folder, written('5.5.5.5', id))).toBeNull();
      expect(check(folder, written('2001:db8::1', id, true))).toBeNull();
    });

    test.skipIf(!isHere)('refuses what it cannot read: its check checks', () => {
      expect(check(folder, written('5.5.5.5', id).replace('5.5.5.5', '5.5.5.555'))).not.toBeNull();
    });
  },
);

describe.each(Object.entries(PROGRAMS).filter(([, { serve }]) => serve !== null))(
  '%s with what was written for it',
  (id, { isHere }) => {
    // The comments come between the entries: one that swallowed the next line would shut somebody out.
    test.skipIf(!isHere)('admits those on the list and nobody else', async () => {
      const list = String.raw`127.0.0.1 # one \
# alone \
127.0.0.8/29 # two \n
# allow all; Require all granted
127.0.1.0/255.255.255.128
2001:db8::/32`;
      const port = await serveList(id, written(list, id));
      const callers = {
        '127.0.0.1': true,
        '127.0.0.2': false,
        '127.0.0.7': false,
        '127.0.0.8': true,
        '127.0.0.15': true,
        '127.0.0.16': false,
        '127.0.1.127': true,
        '127.0.1.128': false,
      };
      const answers = await Promise.all(
        Object.keys(callers).map(async (caller) => [caller, (await statusFor(port, caller)) !== 403] as const),
      );
      expect(Object.fromEntries(answers)).toEqual(callers);
    });
  },
);

if (asksKernel) {
  test.skipIf(!hasNft)('nftables loaded again holds the new networks alone', () => {
    const [before, after] = ['before.nft', 'after.nft'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(before, written('5.5.5.5\n6.6.6.6', 'nftables'));
    writeFileSync(after, written('6.6.6.6\n7.7.7.7', 'nftables'));
    const { stdout } = spawnSync(
      'unshare',
      ['-rn', 'sh', '-c', `nft -f ${before} && nft -f ${after} && nft list set inet filter webhook_ipv4`],
      { encoding: 'utf8' },
    );
    expect(stdout.match(/elements = \{ (.*) \}/)?.[1]).toBe('6.6.6.6, 7.7.7.7');
  });
}

async function serveList(id: string, text: string): Promise<number> {
  const spec: ServerSpec<'site'> = {
    program: '',
    names: ['site'],
    configure: () => [],
    env: (home) => ({ HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }),
  };
  const program = { nginx: 'nginx', apache: 'apache2', caddy: 'caddy', haproxy: 'haproxy' }[id] ?? expect.fail(id);
  const server = await startServer({
    ...spec,
    program,
    configure: (home, port) => PROGRAMS[id]?.serve?.(home, port('site'), text).args ?? [],
  });
  onTestFinished(() => server.stop());
  return server.port('site');
}

function statusFor(port: number, localAddress: string): Promise<number> {
  return new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, localAddress, path: '/hook', agent: false }, (response) => {
      response.resume().on('end', () => done(response.statusCode ?? 0));
    })
      .on('error', fail)
      .end();
  });
}
