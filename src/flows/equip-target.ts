import { readSecretFile } from '../config/read-secret-file.ts';
import { resolveSecret, secretSourceOfFlags, type SecretAccess } from '../config/resolve-secret.ts';
import type { CurlOptions } from '../deliver/curl-command.ts';
import { parseConnectToRule, parseResolveRule } from '../deliver/rules.ts';
import { displayUrl } from '../deliver/target.ts';
import { readTlsFiles } from '../deliver/tls-files.ts';
import type { Transport } from '../deliver/transport.ts';
import type { SecretSource, WebhookTls } from '../model/webhook.ts';
import type { Target } from './choose-targets.ts';

/** The flags that say how to reach an endpoint and with what secret. */
export interface EquipOptions {
  secretEnv?: string;
  secretFile?: string;
  secret?: string;
  cert?: string;
  key?: string;
  pfx?: string;
  passphraseEnv?: string;
  passphraseFile?: string;
  cacert?: string;
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Milliseconds. */
  maxTime?: number;
  count?: number;
  connections?: number;
  retry?: boolean;
}

/** What the flow needs of the machine. */
export interface Machine {
  workingDirectory: string;
  env: Readonly<Record<string, string | undefined>>;
  stdin: AsyncIterable<Uint8Array | string>;
}

/** A target with its secret read and the way to it known. */
export interface EquippedTarget extends Target {
  signingSecret: string | null;
  /** The URL without credentials. */
  shownUrl: string;
  warnings: readonly string[];
  curl: CurlOptions;
  /** Opens the transport at the first call; the same one afterwards. */
  transport(): Promise<Transport>;
  close(): Promise<void>;
}

/** Reads the target's secret. TLS files are read when the transport opens. Throws AppError when something named is missing. */
export async function equipTarget(target: Target, options: EquipOptions, machine: Machine): Promise<EquippedTarget> {
  const tls = tlsOf(target.tls, options);
  const secret = await readSecret(target, options, machine);
  const rules = { resolve: options.resolve.map(parseResolveRule), connectTo: options.connectTo.map(parseConnectToRule) };
  const timeoutMs = options.maxTime ?? target.vendor.timeoutMs;
  let opened: Promise<Transport> | undefined;
  const open = async (): Promise<Transport> => {
    const [{ openTransport }, files] = await Promise.all([import('../deliver/transport.ts'), readTlsFiles({ ...tls, ca: tls.cacert })]);
    const passphrase = tls.passphrase === undefined ? undefined : (await resolveSecret(tls.passphrase, { ...accessOf(machine), label: 'passphrase' })).value;
    const many = (options.count ?? 1) > 1 || options.retry === true;
    return openTransport({
      timeoutMs,
      tls: { ...files, passphrase, insecure: options.insecure },
      ...rules,
      connections: options.connections ?? 1,
      expectedRequests: many ? Math.max(options.count ?? 1, 1) : 1,
    });
  };
  return {
    ...target,
    signingSecret: secret.value,
    shownUrl: displayUrl(target.url),
    warnings: secret.warnings,
    curl: { ...tls, insecure: options.insecure, resolve: options.resolve, connectTo: options.connectTo, maxTimeMs: timeoutMs },
    transport: () => (opened ??= open()),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

async function readSecret(target: Target, options: EquipOptions, machine: Machine): Promise<{ value: string | null; warnings: readonly string[] }> {
  const flag = secretSourceOfFlags({
    ...(options.secretEnv === undefined ? {} : { env: options.secretEnv }),
    ...(options.secretFile === undefined ? {} : { file: options.secretFile }),
    ...(options.secret === undefined ? {} : { literal: options.secret }),
  });
  const source: SecretSource | undefined = flag ?? target.secret;
  if (source === undefined) return { value: null, warnings: [] };
  const { value, warnings } = await resolveSecret(source, { ...accessOf(machine), blame: flag === undefined ? 'config' : 'usage' });
  const useless = target.vendor.signature === null ? [`${target.vendor.title} does not sign its requests, so the secret is not used`] : [];
  const visible = options.secret === undefined ? [] : ['--secret can be read by every user of this machine in the list of processes; --secret-env or --secret-file cannot'];
  return { value, warnings: [...warnings, ...useless, ...visible] };
}

function tlsOf(configured: WebhookTls | undefined, options: EquipOptions): WebhookTls {
  const passphrase = secretSourceOfFlags(
    {
      ...(options.passphraseEnv === undefined ? {} : { env: options.passphraseEnv }),
      ...(options.passphraseFile === undefined ? {} : { file: options.passphraseFile }),
    },
    'passphrase',
  );
  return {
    ...configured,
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.pfx === undefined ? {} : { pfx: options.pfx }),
    ...(options.cacert === undefined ? {} : { cacert: options.cacert }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

function accessOf(machine: Machine): SecretAccess {
  return {
    env: machine.env,
    // Files that the configuration names are absolute by now: reading it made them so.
    baseDirectory: machine.workingDirectory,
    readFile: (path) => readSecretFile(path, machine.stdin),
  };
}
