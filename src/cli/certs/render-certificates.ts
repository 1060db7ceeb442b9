import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { DescribedCertificate, DescribedPart } from '../../certs/file/describe-part.ts';
import type { Created, CreatedFile } from '../../flows/certs/create-certificates.ts';
import type { InspectedFile } from '../../flows/certs/inspect-certificates.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { painter } from '../terminal/color.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { fitLines, plainLine, wrapText } from '../terminal/text.ts';
import { plural } from '../../model/wording.ts';
import { screenOf } from '../terminal/stdio.ts';

const LABEL_WIDTH = 'fingerprint  '.length;

/** Every file with its content, as text. */
export function renderInspected(files: readonly InspectedFile[]): string {
  const paint = painter(screenOf(1));
  return files
    .map(({ path, format, parts }) =>
      [`${paint.bold(plainLine(path))}  ${format}`, ...parts.flatMap((part) => renderPart(part, paint.dim))].join('\n'),
    )
    .join('\n\n');
}

function renderPart(part: DescribedPart, dim: (text: string) => string): string[] {
  const [head, ...rows] = rowsOf(part);
  return [
    ...renderPartHead(head?.[0] ?? '', head?.[1] ?? ''),
    ...rows.flatMap(([label, text]) => renderRow(label, text, dim)),
  ];
}

/** `  certificate  CN=…`: names can be long. */
function renderPartHead(label: string, text: string | null): string[] {
  return text === null || text === '' ? [`  ${label}`] : wrapText(plainLine(text), `  ${label}  `);
}

function renderRow(label: string, text: string | null, dim: (text: string) => string): string[] {
  if (text === null || text === '') return [];
  const prefix = `    ${label.padEnd(LABEL_WIDTH)}`;
  return wrapText(plainLine(text), prefix).map((line, index) =>
    index === 0 ? dim(prefix) + line.slice(prefix.length) : line,
  );
}

type InspectedRow = [label: string, text: string | null];

function rowsOf(part: DescribedPart): InspectedRow[] {
  switch (part.kind) {
    case 'certificate':
      return certificateRows(part);
    case 'request':
      return [
        ['certificate request', part.subject],
        ['key', part.key],
        ['signature', `${part.signature}${part.isSignatureGood === false ? ', which is invalid' : ''}`],
        ['names', part.names.join(', ')],
        ['private key', part.privateKey],
      ];
    case 'private-key':
      return [
        ['private key', part.key],
        [
          'encryption',
          part.encryption === null
            ? 'none'
            : `${part.encryption}${part.key === null ? '; not opened: no passphrase was given' : ''}`,
        ],
        ['belongs to', part.belongsTo],
      ];
    case 'public-key':
      return [['public key', part.key]];
    case 'other':
      return [[part.label, null]];
  }
}

function certificateRows(one: DescribedCertificate): InspectedRow[] {
  const pathLength = one.pathLength === null ? '' : `, for ${one.pathLength} intermediates below it at most`;
  return [
    [one.isCa ? 'CA certificate' : 'certificate', one.subject],
    ['issuer', `${one.issuer}${one.issuedBy === null ? '' : `, which is ${one.issuedBy}`}`],
    ['serial', one.serialNumber],
    ['valid', `${dayOf(one.notBefore)} to ${dayOf(one.notAfter)}${leftText(one.daysLeft)}`],
    ['key', one.key],
    ['signature', one.signature],
    ['names', one.names.join(', ')],
    [
      'usages',
      [...(one.extendedKeyUsage ?? []), ...(one.keyUsage ?? [])].join(', ') || 'any: the certificate names none',
    ],
    ['version', one.version === 3 ? null : String(one.version)],
    ['CA', one.isCa ? `yes${pathLength}` : null],
    ['SHA-256', one.fingerprint256],
    ['private key', one.privateKey],
  ];
}

const dayOf = (iso: string | null): string => iso?.slice(0, 10) ?? 'unreadable';

function leftText(days: number | null): string {
  if (days === null) return '';
  const count = plural(Math.abs(days), 'day');
  return days < 0 ? `, expired ${count} ago` : `, ${count} left`;
}

/** Where the client's passphrase came from, as flags. */
export interface PassphraseFlags {
  env?: string | undefined;
  file?: string | undefined;
}

/** What was made, and what to type next: the CA is for the endpoint, the client's files are for the vendor. */
export function renderCreated({ directory, files, vendor }: Created, host: string, given: PassphraseFlags): string {
  const rows = files.map((file) => [file.path, file.title, file.subject ?? '', file.notAfter?.slice(0, 10) ?? '']);
  const made = files.find(({ kind }) => kind === 'passphrase');
  const shown = (name: string): string => quoteForShell(join(directory, name));
  const passphrase = passphraseFlag(made, given);
  const ca = quoteForShell(resolve(directory, 'ca.pem'));
  const prose = [
    ...(made === undefined
      ? []
      : [`the passphrase of client.key was randomly generated; it is in ${made.path}, readable only by you`]),
    'the endpoint trusts ca.pem; the vendor gets client.pem and client.key with its passphrase; ca.key stays with you',
  ];
  return [
    renderTable(CREATED_COLUMNS, rows),
    '',
    fitLines(prose.join('\n'), screenOf(1)),
    '',
    `next: verify-cert https://${urlHost(host)}:8443/hook${vendor === null ? '' : ` --vendor ${vendor}`} --cert ` +
      `${shown('client.pem')} --key ${shown('client.key')}${passphrase} --cacert ${shown('ca.pem')} ` +
      `--client-ca ${shown('ca.pem')} --client-ca-key ${shown('ca.key')}`,
    'nginx:',
    `    ssl_client_certificate ${ca};`,
    '    ssl_verify_client on;',
    'Apache:',
    `    SSLCACertificateFile ${ca}`,
    '    SSLVerifyClient require',
    '    SSLVerifyDepth 1',
  ].join('\n');
}

/** A name of a file is typed or copied: it stays whole. */
const CREATED_COLUMNS: readonly TableColumn[] = [
  { title: 'file' },
  { title: 'what it is', wrapTo: 10 },
  { title: 'subject', wrapTo: 10 },
  { title: 'valid until' },
];

function passphraseFlag(made: CreatedFile | undefined, { env, file }: PassphraseFlags): string {
  if (made !== undefined) return ` --passphrase-file ${quoteForShell(made.path)}`;
  if (env !== undefined) return ` --passphrase-env ${quoteForShell(env)}`;
  return file === undefined ? '' : ` --passphrase-file ${quoteForShell(file)}`;
}

/** Of a wildcard: one name that it covers. */
const urlHost = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host.replace('*.', 'www.'));
