import { relative } from 'node:path';
import type { Command } from 'commander';
import { describePlace } from '../../model/signature.ts';
import type { VendorEntry } from '../../model/vendor-registry.ts';
import type { Vendor } from '../../model/vendor.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openAllVendors, processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { jsonFlag, configText } from '../terminal/flags.ts';
import { answer, answerJson } from '../terminal/output.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';

interface VendorListFlags {
  config?: string;
  json?: boolean;
}

/** `webhook vendor list` */
export function listVendorsCommand(): Command {
  return makeCommand('list', {
    summary: 'list all vendors: built in, and from files that the configuration names',
    examples: [['webhook vendor list', 'with their events and signatures; (user): from a file of yours']],
  })
    .option('--config <file>', configText('read'))
    .addOption(jsonFlag())
    .action(act(list));
}

async function list({ config, json }: VendorListFlags): Promise<ExitCode> {
  const registry = await openAllVendors(processEnvironment(), config);
  const vendors = await registry.loadAll();
  const rows = registry.entries.map((entry, index) => ({ entry, vendor: vendors[index] as Vendor }));
  if (json) answerJson({ vendors: rows.map(({ entry, vendor }) => vendorDocument(entry, vendor)) });
  else
    answer(
      renderTable(
        COLUMNS,
        rows.map(({ entry, vendor }) => [
          vendor.id,
          vendor.title,
          String(vendor.events.length),
          signatureText(vendor),
          originOf(entry),
        ]),
      ),
    );
  return 0;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'vendor', atWorst: 12 },
  { title: 'title', leaveOut: 1 },
  { title: 'events' },
  { title: 'signature', wrapTo: 32, atWorst: 12 },
  { title: 'from', wrapTo: 'built in'.length },
];

function vendorDocument({ file }: VendorEntry, vendor: Vendor): Record<string, unknown> {
  const { id, title, documentation, asOf, events, signature } = vendor;
  return {
    vendor: id,
    title,
    documentation,
    asOf,
    file: file ?? null,
    events: events.map(({ name }) => name),
    signature: signature.value === null ? null : { algorithm: signature.value.algorithm, at: signature.value.at },
    certainty: signature.certainty,
  };
}

function signatureText({ signature: { value, certainty } }: Vendor): string {
  const words =
    value === null ? (certainty === 'us' ? 'unknown' : 'none') : `${value.algorithm}, ${describePlace(value.at)}`;
  return `${words} (${certainty})`;
}

const originOf = ({ file }: VendorEntry): string => (file === undefined ? 'built in' : relative(process.cwd(), file));
