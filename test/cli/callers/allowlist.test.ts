import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LINT_CHECKS } from '../../../src/source/list/lint-checks.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { bin, runCommandLine, runProgram, type Ended, type RunOptions } from '../../helpers/program.ts';

const TELL_PEAK = new URL('../../helpers/tell-peak.js', import.meta.url).href;

const LIST = '# Mailkit\n185.136.201.0/22 # theirs\n5.5.5.5/255.255.255.255\n2a01:4f8::/32\n';

let cwd: string;
beforeEach(() => {
  cwd = testFolder();
  writeFileSync(join(cwd, 'allow.txt'), LIST);
});

const allowlist = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  runProgram('webhook', ['allowlist', ...args], { cwd, ...options });

async function checkPeakKiB(lineCount: number): Promise<number> {
  const { code } = await runCommandLine(
    process.execPath,
    ['--import', TELL_PEAK, bin('webhook'), 'allowlist', 'check', 'allow.txt', '-'],
    { cwd, input: `185.136.200.7 ${'x'.repeat(250)}\n`.repeat(lineCount), env: { PEAK_FILE: join(cwd, 'peak') } },
  );
  expect(code).toBe(0);
  return Number(readFileSync(join(cwd, 'peak'), 'utf8'));
}

describe('check', () => {
  test('says by which entry each address is allowed', async () => {
    const { code, stdout, stderr } = await allowlist([
      'check',
      'allow.txt',
      '185.136.200.7',
      '::ffff:5.5.5.5',
      '2A01:4F8:0::9',
    ]);
    expect(stdout).toBe(
      '185.136.200.7  allowed by 185.136.201.0/22, which is 185.136.200.0/22 (allow.txt:2, theirs)\n::ffff:5.5.5.5  allowed by 5.5.5.5/255.255.255.255 (allow.txt:3)\n2A01:4F8:0::9  allowed by 2a01:4f8::/32 (allow.txt:4)\n',
    );
    expect([code, stderr]).toEqual([0, '']);
  });

  test('ends with 1 when one is not on the list', async () => {
    const { code, stdout } = await allowlist(['check', 'allow.txt', '5.5.5.5', '5.5.5.6', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      {
        schemaVersion: 2,
        results: [
          {
            address: '5.5.5.5',
            allowed: true,
            entry: {
              text: '5.5.5.5/255.255.255.255',
              network: '5.5.5.5/32',
              file: 'allow.txt',
              line: 3,
              comment: null,
            },
          },
          { address: '5.5.5.6', allowed: false, entry: null },
        ],
        unreadable: 0,
      },
    ]);
  });

  test('reads addresses from stdin, beside those of the command line', async () => {
    const { code, stdout } = await allowlist(['check', 'allow.txt', '5.5.5.5', '-', '--json'], {
      input: '# callers\r\n185.136.200.1\r\n\r\n  185.136.203.255  # last\r\n',
    });
    expect([
      code,
      (JSON.parse(stdout) as { results: { address: string }[] }).results.map(({ address }) => address),
    ]).toEqual([0, ['5.5.5.5', '185.136.200.1', '185.136.203.255']]);
  });

  test('nothing asked is an empty answer, told, and no success', async () => {
    expect(await allowlist(['check', 'allow.txt', '-', '-', '--json'])).toMatchObject({
      code: 5,
      stdout: '{"schemaVersion":2,"results":[],"unreadable":0}\n',
      stderr: 'warning: the input contains no address, so nothing was checked\n',
    });
  });

  test('reads the list from stdin', async () => {
    expect(await allowlist(['check', '-', '5.5.5.5'], { input: LIST })).toMatchObject({
      code: 0,
      stdout: '5.5.5.5  allowed by 5.5.5.5/255.255.255.255 (standard input:3)\n',
    });
  });

  test('answers nothing by a list with a line that it cannot read, though the address is on another', async () => {
    writeFileSync(join(cwd, 'allow.txt'), '5.5.5.5\n010.0.0.1\n10.1\n');
    const { code, stdout, stderr } = await allowlist(['check', 'allow.txt', '5.5.5.5']);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('allow.txt:2: 010.0.0.1: a number with a leading zero');
    expect(stderr).toContain('ipaddr.js reads 8.0.0.1');
    expect(stderr).toContain('1 more like this');
  });

  test.each([
    ['an address that is none', ['5.5.5.5', '10.1'], '10.1 is not an address'],
    ['a network', ['5.5.5.0/24'], '5.5.5.0/24 is not an address'],
    ['a word that is none, before standard input', ['x', '-'], 'x is not an address'],
  ])('answers nothing when asked about %s', async (_, addresses, message) => {
    const { code, stdout, stderr } = await allowlist(['check', 'allow.txt', ...addresses], { input: '5.5.5.5\n' });
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain(message);
  });

  test.each([
    [
      'all others are on the list',
      '5.5.5.5 - "POST /hook"\nhost.example -\n5.5.5.5\n',
      5,
      ['5.5.5.5', '5.5.5.5'],
      'warning: line 2: host.example is not an address\n',
    ],
    ['another is not on the list', 'x\n5.5.5.6\n', 1, ['5.5.5.6'], 'warning: line 1: x is not an address\n'],
    ['there is no other', '010.0.0.1\n', 5, [], 'warning: line 1: 010.0.0.1 is not an address\n'],
  ])(
    'a line without an address is told, and the others are answered: %s',
    async (_, input, code, addresses, stderr) => {
      const ended = await allowlist(['check', 'allow.txt', '-', '--json'], { input });
      const { results, unreadable } = JSON.parse(ended.stdout) as {
        results: { address: string }[];
        unreadable: number;
      };
      expect([ended.code, results.map(({ address }) => address), unreadable, ended.stderr]).toEqual([
        code,
        addresses,
        1,
        stderr,
      ]);
    },
  );

  test('of many lines without an address some are shown', async () => {
    const { code, stderr } = await allowlist(['check', 'allow.txt', '-'], { input: 'x\n'.repeat(1000) });
    expect([code, stderr.split('\n').length]).toEqual([5, 12]);
    expect(stderr).toContain('990 more lines without an address');
  });

  test('an answer comes while the next line is waited for', async () => {
    const child = spawn(process.execPath, [bin('webhook'), 'allowlist', 'check', 'allow.txt', '-'], { cwd });
    onTestFinished(() => void child.kill('SIGKILL'));
    const came = makeGate();
    child.stdout.once('data', came.open);
    child.stdin.write('5.5.5.5\n');
    await came.opened;
    const ended = new Promise((done) => {
      child.once('close', done);
    });
    child.stdin.end('5.5.5.6\n');
    expect(await ended).toBe(1);
  });

  test('memory does not grow with the input', async () => {
    // 25 MB and 75 MB: with fewer lines V8 has not yet taken what it takes.
    const few = await checkPeakKiB(100_000);
    expect((await checkPeakKiB(300_000)) / few).toBeLessThan(1.4);
  });

  test('stdin cannot be both', async () => {
    expect(await allowlist(['check', '-', '-'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot both come from stdin'),
    });
  });

  test('an empty list allows nobody, and says that it is empty', async () => {
    writeFileSync(join(cwd, 'allow.txt'), '# nobody yet\n');
    expect(await allowlist(['check', 'allow.txt', '5.5.5.5'])).toMatchObject({
      code: 1,
      stderr: 'warning: allow.txt has no entries\n',
    });
  });

  test('what a list says cannot move the cursor', async () => {
    writeFileSync(join(cwd, 'allow.txt'), '5.5.5.5 # \u001b[2J##[error]\n');
    const { stdout } = await allowlist(['check', 'allow.txt', '5.5.5.5']);
    expect(stdout).toBe('5.5.5.5  allowed by 5.5.5.5/32 (allow.txt:1, # #[error])\n'.replace('/32', ''));
  });
});

describe('lint', () => {
  test('a good list ends with 0, every check told', async () => {
    writeFileSync(join(cwd, 'allow.txt'), '185.136.200.0/22\n');
    const { code, stdout } = await allowlist(['lint', 'allow.txt']);
    expect(code).toBe(0);
    expect(stdout).toContain('the list has no errors');
    for (const { id } of LINT_CHECKS) expect(stdout).toContain(`pass  ${id}`);
  });

  test('warnings do not fail', async () => {
    const { code, stdout } = await allowlist(['lint', '-', '--json'], { input: '10.8.0.0/16\n' });
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        schemaVersion: 2,
        target: 'standard input',
        entries: 1,
        conclusion: 'the list has no errors, but has warnings',
      },
    ]);
  });

  test.each([['json'], ['junit'], ['tap'], ['github']])(
    'placeholders and unreadable entries fail, in %s',
    async (reporter) => {
      writeFileSync(join(cwd, 'allow.txt'), '192.0.2.10\n192.0.2.\n');
      const { code, stdout } = await allowlist(['lint', 'allow.txt', '--reporter', reporter]);
      expect(code).toBe(1);
      for (const text of ['no-documentation', 'TEST-NET-1', 'readable']) expect(stdout).toContain(text);
    },
  );

  test.each([
    ['not text', Buffer.from([0x35, 0xff, 0xfe]), 'not UTF-8 text'],
    ['UTF-16', Buffer.from('5.5.5.5', 'utf16le'), 'not UTF-8 text'],
    ['too long', Buffer.alloc(8 * 1024 * 1024 + 1, '#'), 'more than 8 MiB'],
  ])('a list that is %s is told so', async (_, bytes, message) => {
    writeFileSync(join(cwd, 'allow.txt'), bytes);
    expect(await allowlist(['lint', 'allow.txt'])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('a list that is not there is told so', async () => {
    expect(await allowlist(['lint', 'nowhere.txt'])).toMatchObject({
      code: 5,
      stderr: 'error: list nowhere.txt: no such file\n',
    });
  });
});

describe('lint --to', () => {
  const webhooks = [
    {
      uuid: '0192d4c5-8a3e-7c11-9b60-3f1de0a1b2c3',
      name: 'shop',
      vendor: 'mailkit',
      url: 'https://shop.example.com/hook',
      events: ['unsubscribe'],
      allow: ['185.136.200.0/22', '010.0.0.1', '185.136.200.0/255.255.252.0'],
    },
    {
      uuid: '0192d4c5-8a3e-7c11-9b60-3f1de0a1b2c4',
      name: 'open',
      vendor: 'mailkit',
      url: 'https://shop.example.com/hook',
      events: ['unsubscribe'],
    },
  ];
  const lint = (...args: string[]): Promise<Ended> => {
    writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks }));
    return allowlist(['lint', ...args]);
  };

  test('judges what a configured webhook allows', async () => {
    const { code, stdout, stderr } = await lint('--to', 'shop');
    expect(stderr).toBe('');
    expect([code, stdout]).toEqual([1, expect.stringContaining('"allow" of the webhook shop')]);
    expect(stdout).toContain('010.0.0.1: a number with a leading zero');
    expect(stdout).toContain('185.136.200.0/255.255.252.0 repeats 185.136.200.0/22');
  });

  test.each([
    [['--to', 'open'], 'the webhook "open" has no "allow"'],
    [['--to', 'shap'], 'did you mean shop?'],
    [['--to', 'shop', 'allow.txt'], 'two lists'],
    [[], 'no list was given'],
  ])('%j is no list', async (args, message) => {
    expect(await lint(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('convert', () => {
  test('writes for a server; where it goes is told beside', async () => {
    const { code, stdout, stderr } = await allowlist(['convert', 'allow.txt', '--to', 'nginx']);
    expect([code, stdout]).toEqual([
      0,
      '# Mailkit\nallow 185.136.200.0/22;  # theirs\nallow 5.5.5.5/32;\nallow 2a01:4f8::/32;\ndeny all;\n',
    ]);
    expect(stderr).toContain("nginx: put it into the webhook's location");
    expect(stderr).toContain('nginx: check: nginx -t');
  });

  test('writes a file, and reads it again', async () => {
    expect(await allowlist(['convert', 'allow.txt', '--to', 'apache', '-o', 'allow.conf'])).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await allowlist(['convert', 'allow.conf', '--from', 'apache', '--to', 'list'])).toMatchObject({
      code: 0,
      stdout: '# Mailkit\n# theirs\n185.136.200.0/22\n5.5.5.5/32\n2a01:4f8::/32\n',
    });
    expect(await allowlist(['check', 'allow.conf', '--from', 'apache', '5.5.5.5'])).toMatchObject({
      code: 0,
      stdout: '5.5.5.5  allowed by 5.5.5.5/32 (allow.conf:5)\n',
    });
  });

  test.each([
    ['an entry that cannot be read', '5.5.5.5\n10.1\n', 'allow.txt:2: 10.1'],
    ['no entry', '# nobody\n', 'allow.txt has no entries'],
  ])('a list with %s leaves the file as it was', async (_, list, message) => {
    writeFileSync(join(cwd, 'allow.txt'), list);
    writeFileSync(join(cwd, 'allow.conf'), 'before');
    expect(await allowlist(['convert', 'allow.txt', '--to', 'nginx', '-o', 'allow.conf'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(message),
    });
    expect(readFileSync(join(cwd, 'allow.conf'), 'utf8')).toBe('before');
  });

  test('refuses configuration of another hand', async () => {
    writeFileSync(join(cwd, 'allow.conf'), 'allow 5.5.5.5;\ninclude more.conf;\n');
    expect(await allowlist(['convert', 'allow.conf', '--from', 'nginx', '--to', 'list'])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('allow.conf:2: include more.conf;'),
    });
  });

  test('--json has the text, the notes and the check', async () => {
    const { stdout, stderr } = await allowlist(['convert', 'allow.txt', '--to', 'list', '--collapse', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 2,
      to: 'list',
      output: null,
      text: '5.5.5.5/32\n185.136.200.0/22  # theirs\n2a01:4f8::/32\n',
      notes: [],
      check: null,
    });
    expect(stderr).toBe('');
  });

  test('what allows every address, and placeholders, are told on stderr', async () => {
    const { code, stdout, stderr } = await allowlist(['convert', '-', '--to', 'list', '--json'], {
      input: '5.5.5.5\n\n0.0.0.0/0\n192.0.2.1\n',
    });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { text: '5.5.5.5/32\n0.0.0.0/0\n192.0.2.1/32\n' }]);
    expect(stderr).toBe(
      'warning: line 3: 0.0.0.0/0 allows every address\nwarning: line 4: 192.0.2.1 is a placeholder: documentation (TEST-NET-1), RFC 5737\n',
    );
  });

  test('configuration given as a list gets the command that converts it to a list, which works', async () => {
    writeFileSync(join(cwd, 'own.conf'), 'Require ip 5.5.5.5 6.6.6.0/24\n');
    const { code, stderr } = await allowlist(['check', 'own.conf', '5.5.5.5']);
    expect([code, stderr]).toEqual([
      5,
      expect.stringContaining('webhook allowlist convert own.conf --from apache --to list converts it to a list'),
    ]);
    expect(await allowlist(['convert', 'own.conf', '--from', 'apache', '--to', 'list'])).toMatchObject({
      code: 0,
      stdout: '5.5.5.5/32\n6.6.6.0/24\n',
    });
  });

  test('a mistyped form gets the nearest name, and no file', async () => {
    expect(await allowlist(['convert', 'allow.txt', '--to', 'ngnix', '-o', 'out'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean nginx?'),
    });
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });
});
