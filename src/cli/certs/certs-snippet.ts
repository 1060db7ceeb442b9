import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  DEFAULT_CA,
  DEFAULT_DEPTH,
  SERVER_NAME,
  writeServerSnippet,
  type SnippetFiles,
} from '../../certs/server-snippet.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import { AppError } from '../../model/error.ts';
import { SERVERS, type Server } from '../../model/finding.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { Vendor } from '../../model/vendor.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { wrapText } from '../terminal/text.ts';
import { count } from '../terminal/flag-values.ts';

interface SnippetFlags {
  server: Server;
  vendor?: string;
  ca: string;
  depth?: number;
  cert?: string;
  key?: string;
  json?: boolean;
}

const TITLES: Record<Server, string> = {
  nginx: 'nginx',
  apache: 'Apache',
  caddy: 'Caddy',
  haproxy: 'HAProxy',
  node: 'Node',
};

/** `webhook certs snippet` */
export function snippetCommand(): Command {
  return makeCommand('snippet', {
    summary: 'print a server configuration that enforces client certificates',
    topics: ['certificates'],
    examples: [
      ['webhook certs snippet', "the vendor's own recipe, for Apache"],
      [
        'webhook certs snippet --server nginx --ca certs/ca.pem --cert certs/server.pem --key certs/server.key',
        'the same for nginx, with your files',
      ],
    ],
  })
    .addOption(new Option('--server <server>', 'the server program').choices(SERVERS).default('apache'))
    .option('--vendor <id|file>', `the vendor that calls (default: ${callers()[0]})`)
    .option('--ca <file>', 'the CA that issues the client certificates, PEM', fileName, DEFAULT_CA)
    .option(
      '--depth <count>',
      `certificates allowed above the leaf, the root included (default: ${DEFAULT_DEPTH}); nginx and Apache`,
      count,
    )
    .option('--cert <file>', "the server's own certificate and chain, PEM", fileName)
    .option('--key <file>', 'its private key, PEM (default: the file of --cert)', fileName)
    .addOption(jsonFlag())
    .action(act(writeSnippet));
}

/** Made absolute, an empty name would be that of this folder. */
function fileName(text: string): string {
  if (text === '') throw new InvalidArgumentError('this is not a valid file name for a server configuration');
  return text;
}

async function writeSnippet(flags: SnippetFlags): Promise<ExitCode> {
  const vendor = await caller(flags.vendor);
  const { configuration, notes, check } = writeServerSnippet(flags.server, filesOf(flags), flags.depth ?? null);
  const prove = proofs(flags.vendor ?? vendor.id);
  const certainty = isDocumented(vendor, flags.server) ? vendor.trust.clientCertificate?.certainty : 'us';
  const notesAndProofs = [...notes, `check: ${check}`, 'prove it after a reload:'];
  const comment = flags.server === 'node' ? '//' : '#';
  const head = comments(source(vendor, flags.server), notesAndProofs, prove).map((line) => `${comment} ${line}`);
  const snippet = [...head, configuration].join('\n');
  if (flags.json) answerJson({ server: flags.server, vendor: vendor.id, certainty, snippet, check, prove });
  else answer(snippet);
  return 0;
}

/** The vendors that show a certificate when they call. */
const callers = (): string[] =>
  builtInVendors.entries.filter(({ showsCertificate }) => showsCertificate).map(({ id }) => id);

async function caller(id = callers()[0] as string): Promise<Vendor> {
  const vendor = await openCommandVendors(processEnvironment()).load(id);
  if (vendor.trust.clientCertificate !== undefined) return vendor;
  throw new AppError('usage', `${vendor.title} sends no client certificate when it calls`, {
    hint: `use a vendor that does: ${callers().join(', ')}`,
  });
}

/**
 * A server resolves a relative path against a folder of its own, or not at all. An empty path is refused by the writer.
 */
const absolute = (path: string): string => (path === '' ? '' : resolve(path));

function filesOf({ ca, cert, key = cert }: SnippetFlags): SnippetFiles {
  if (cert === undefined && key !== undefined)
    throw new AppError('usage', "--key is the private key of the server's own certificate", {
      hint: 'add --cert FILE',
    });
  return {
    ca: absolute(ca),
    own: cert === undefined || key === undefined ? null : { cert: absolute(cert), key: absolute(key) },
  };
}

/** The documentation of a vendor names the directives of some servers; for the others the words are ours. */
function isDocumented(vendor: Vendor, server: Server): boolean {
  return vendor.trust.clientCertificate?.note?.includes(`${TITLES[server]}:`) ?? false;
}

function source(vendor: Vendor, server: Server): string {
  const { note = '', certainty } = vendor.trust.clientCertificate ?? {};
  const said = `${vendor.title} [${certainty}]: ${note} (${vendor.documentation})`;
  return isDocumented(vendor, server) ? said : `${said}. The same, written for ${TITLES[server]} [us].`;
}

function proofs(vendor: string): string[] {
  const base = `verify-cert https://${SERVER_NAME}/hook --vendor ${quoteForShell(vendor)}`;
  return [base, `${base} --cert client.pem --key client.key --passphrase-env PASS`];
}

/** Commands stay on one line, to be copied. */
function comments(about: string, notes: readonly string[], commands: readonly string[]): string[] {
  const wrapped = [...wrapText(about, ''), ...notes.flatMap((note) => wrapText(note, '- '))];
  return [...wrapped, ...commands.map((command) => `    ${command}`)];
}
