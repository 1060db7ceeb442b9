import type { X509Certificate } from 'node:crypto';
import {
  describeCertificate,
  describeKeyPart,
  describeRequest,
  type DescribedPart,
} from '../../certs/file/describe-part.ts';
import type { SplitFile } from '../../certs/file/split-file.ts';
import { findIssuerPosition, isSelfSigned } from '../../certs/judge/client-chain.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Fact } from '../../model/fact.ts';
import type { OwnKeyRule } from '../../model/vendor.ts';
import type { IdentityRules } from '../../certs/judge/identity.ts';
import { readTlsFile, readTlsStream } from '../../deliver/tls-files.ts';
import { STANDARD_INPUT } from '../../model/file-kinds/file-kind.ts';
import type { Clock } from '../../model/clock.ts';
import type { Finding } from '../../model/finding.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import { judgeFiles, ownerOf, certificatePlace } from './judge-files.ts';
import { openFile, type OpenedFile, type OpenedKey } from './open-file.ts';
import { passphraseSourceOf, readPassphrase } from '../../config/secrets.ts';
import { readCaFile } from './read-client-certificate.ts';

export interface InspectOptions {
  /** Paths; `-` is standard input. */
  files: readonly string[];
  /** PEM file: the CAs that the server accepts client certificates of. */
  clientCa?: string;
  /** Id of the vendor whose rule the key must keep. */
  vendor?: string;
  daysWarning: number;
  passphraseEnv?: string;
  passphraseFile?: string;
}

export type InspectedFile = {
  path: string;
  format: SplitFile['format'];
  parts: DescribedPart[];
};

export interface Inspection {
  files: InspectedFile[];
  /** Paths of encrypted files for which no passphrase was given. */
  closed: string[];
  /** What was asked and has no answer, in words. */
  unproved: string[];
  findings: Finding[];
}

/** Says what each file is, what belongs together, and what is wrong with it. Throws AppError `input` or `usage`. */
export async function inspectCertificates(
  options: InspectOptions,
  vendors: VendorRegistry,
  environment: SecretEnvironment,
  clock: Clock,
): Promise<Inspection> {
  const rule = await vendorRule(options.vendor, vendors);
  const passphrase = await readPassphrase(passphraseSourceOf(options), environment);
  const named = options.clientCa === undefined ? null : await readCaFile(options.clientCa);
  const files: OpenedFile[] = [];
  for (const path of options.files)
    files.push(
      await openFile(
        await (path === '-' ? readTlsStream(STANDARD_INPUT, environment.stdin) : readTlsFile(path)),
        passphrase,
      ),
    );
  const nowMs = clock.now();
  const given: IdentityRules = { ...rule, clientCa: named, nowMs, daysWarning: options.daysWarning };
  const findings = await judgeFiles(files, given, passphrase);
  return {
    files: files.map((file) => describeFile(file, files, named ?? [], nowMs)),
    closed: files.filter(isClosed).map(({ path }) => path),
    unproved: [...findUnproved(findings, given), ...files.filter(isUnchecked).map(({ path }) => whoSigned(path))],
    findings,
  };
}

/** `--client-ca` asks for the verdict of a server, `--vendor` whether the key keeps the vendor's rule. */
function findUnproved(findings: readonly Finding[], { clientCa, ownKeyRule, vendorTitle }: IdentityRules): string[] {
  const isAnswered = (id: string): boolean => {
    const answers = findings.filter((finding) => finding.id === id);
    return answers.length > 0 && answers.every(({ status }) => status !== 'skip');
  };
  return [
    ...(clientCa === null || isAnswered('L11') ? [] : ['whether a server with the CAs of --client-ca accepts it']),
    ...(ownKeyRule === null || isAnswered('L2') ? [] : [`whether the key meets ${vendorTitle}'s rule`]),
  ];
}

const isUnchecked = ({ requests }: OpenedFile): boolean =>
  requests.some(({ isSignatureGood }) => isSignatureGood === null);
const whoSigned = (path: string): string => `whether the request in ${path} is signed with its own key`;

const isClosed = ({ keys }: OpenedFile): boolean => keys.some(({ key }) => key === null);

async function vendorRule(
  id: string | undefined,
  vendors: VendorRegistry,
): Promise<{ ownKeyRule: Fact<OwnKeyRule> | null; vendorTitle: string | null }> {
  if (id === undefined) return { ownKeyRule: null, vendorTitle: null };
  const { title, trust } = await vendors.load(id);
  return { ownKeyRule: trust.ownKey ?? null, vendorTitle: title };
}

function describeFile(
  file: OpenedFile,
  files: readonly OpenedFile[],
  clientCa: readonly X509Certificate[],
  nowMs: number,
): InspectedFile {
  const keys = files.flatMap(({ keys: ofFile }) => ofFile);
  const fileOfKey = (fits: (key: OpenedKey) => boolean): string | null =>
    keys.find((key) => key.key !== null && fits(key))?.path ?? null;
  const parts = [
    ...file.certificates.map((one) =>
      describeCertificate(one, nowMs, {
        issuedBy: findIssuer(one, files, clientCa),
        privateKey:
          fileOfKey(({ key }) => key !== null && one.checkPrivateKey(key)) ??
          (file.own !== null && file.own.certificates[0] === one ? file.path : null),
      }),
    ),
    ...file.requests.map((one) =>
      describeRequest(
        one,
        fileOfKey((key) => key.publicKey?.equals(one.publicKey) === true),
      ),
    ),
    ...file.keys.map((one) => describeKeyPart('private-key', one.key, one.encryption, ownerOf(one, files))),
    ...file.publicKeys.map((key) => describeKeyPart('public-key', key, null, null)),
    ...file.others.map((label) => ({ kind: 'other' as const, label })),
  ];
  return { path: file.path, format: file.format, parts };
}

function findIssuer(
  certificate: X509Certificate,
  files: readonly OpenedFile[],
  clientCa: readonly X509Certificate[],
): string | null {
  if (isSelfSigned(certificate)) return 'itself';
  for (const { path, certificates } of files) {
    const position = findIssuerPosition(certificate, certificates);
    if (position !== -1) return certificatePlace(path, position, certificates.length);
  }
  return findIssuerPosition(certificate, clientCa) !== -1 ? 'a CA of --client-ca' : null;
}
