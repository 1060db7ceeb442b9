import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT_CODES } from '../src/cli/terminal/exit.ts';
import { formatDuration } from '../src/cli/terminal/text.ts';
import { describePlace, headerAt } from '../src/model/signature.ts';
import type { Vendor } from '../src/model/vendor.ts';
import { ORIGINALS, VENDORS } from './helpers/vendors.ts';
import { delaysOf } from '../src/vendors/retry-rule.ts';
import { askCommand } from './helpers/ask-command.ts';
import { runProgram } from './helpers/program.ts';
import { COMMANDS as APACHE_COMMANDS } from '../src/source/apache/commands.ts';
import { SCOPE as APACHE_SCOPE } from '../src/source/apache/scope.ts';
import { SCOPE as NGINX_SCOPE } from '../src/source/nginx/scope.ts';

const root = resolve(import.meta.dirname, '..');
const page = (name: string): string => readFileSync(join(root, 'docs', `${name}.md`), 'utf8');

/** A reader decides in five minutes. */
test('the README is short', () => {
  const words = readFileSync(join(root, 'README.md'), 'utf8').split(/\s+/).filter(Boolean);
  expect(words.length).toBeLessThanOrEqual(1300);
});

test('the page of exit codes has those of the program', () => {
  for (const [code, meaning] of EXIT_CODES) expect(page('exit-codes')).toContain(`| ${code} | ${meaning} |`);
});

test.each(ORIGINALS.map((vendor) => [vendor.id, vendor] as const))(
  'the table of vendors has the facts of %s',
  (_, vendor) => {
    expect(page('vendors')).toContain(vendorRow(vendor));
  },
);

test.each(VENDORS.slice(ORIGINALS.length))(
  'the second table has $id',
  ({ id, title, documentation, events, signature }) => {
    const names = events.map(({ name }) => `\`${name}\``).join(', ');
    const place = signature.value === null ? 'none' : describePlace(signature.value.at);
    expect(page('vendors')).toContain(
      `| [${title}](${documentation}) | \`${id}\` | ${names} | ${place} (${signature.certainty}) |`,
    );
  },
);

function vendorRow({ title, documentation, events, signature, success, retries, timeoutMs }: Vendor): string {
  const names = events.map(({ name }) => `\`${name}\``).join(', ');
  const signed = `${signature.value === null ? 'none' : `\`${headerAt(signature.value.at)}\``} (${signature.certainty})`;
  const statuses = success.value.statuses === '2xx' ? 'any 2xx' : `${success.value.statuses.join(', ')} only`;
  const counts = `${statuses} (${success.certainty})`;
  const { delaysMs, deactivatesAfterMs: end } = retries;
  const ends = end === undefined ? '' : `, deactivated after ${formatDuration(end.value)} (${end.certainty})`;
  const ladder = `${delaysOf(retries).length} (${delaysMs.certainty})${ends}`;
  const timeout = `${formatDuration(timeoutMs.value)} (${timeoutMs.certainty})`;
  return `| [${title}](${documentation}) | ${names} | ${signed} | ${counts} | ${ladder} | ${timeout} |`;
}

test('the program prints the help of a command as it is', async () => {
  const args = ['send', '--help'];
  expect(await runProgram('webhook', args)).toEqual(await askCommand(args));
});

/** `<LuaHookFixups>` and `LuaHookFixups` have one name. */
const names = (list: Iterable<string>): string =>
  [...new Set(list)]
    .filter((name) => !name.startsWith('<'))
    .map((name) => `\`${name}\``)
    .join(' ');
/** As Apache writes it. */
const apacheName = (name: string): string => APACHE_COMMANDS.get(name)?.name ?? name;

test.each([
  [
    'nginx',
    NGINX_SCOPE.simulated,
    [...Object.keys(NGINX_SCOPE.guards), ...Object.keys(NGINX_SCOPE.programs)],
    Object.keys(NGINX_SCOPE.beside),
  ],
  ['Apache', APACHE_SCOPE.simulated, [...APACHE_SCOPE.guards.keys()], [...APACHE_SCOPE.beside.keys()]],
])('the table of what is simulated has the directives of %s', (server, simulated, asked, beside) => {
  const [one, two, three] = [simulated, asked, beside].map((list) =>
    names([...list].map(server === 'Apache' ? apacheName : String)),
  );
  expect(page('callers')).toContain(`| ${server} | ${one} | ${two} | ${three} |`);
});
