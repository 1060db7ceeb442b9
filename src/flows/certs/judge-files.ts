import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CheckId } from '../../certs/checks.ts';
import { CLIENT_AUTH, readDetails, SERVER_AUTH } from '../../certs/file/certificate-details.ts';
import {
  describeKey,
  keyText,
  ownOfPem,
  ownWithoutKey,
  publicKeyOf,
  type OwnCertificate,
} from '../../certs/file/own-certificate.ts';
import { judgeValidity, judgeCaFile } from '../../certs/judge/certificate.ts';
import { isSelfSigned } from '../../certs/judge/client-chain.ts';
import { plural } from '../../model/wording.ts';
import { judgeContent, judgeForeignContent, judgeOddity, judgeCertificateRequest } from '../../certs/judge/content.ts';
import { judgeIdentity, type IdentityRules } from '../../certs/judge/identity.ts';
import { judgeBelongs, judgeKeyRule, judgeKeyStrength, judgePublicKey, judgeStrength } from '../../certs/judge/key.ts';
import type { Finding } from '../../model/finding.ts';
import type { OpenedFile, OpenedKey } from './open-file.ts';
import { whyUnusable } from './read-client-certificate.ts';

/**
 * The L checks that apply to each of these files: all of them to a certificate with its key, and to others what can be
 * known of them. CA files among them are what the rest is judged by, unless `given` names CAs: then the files are what
 * a client shows, even where they hold a CA's certificate or a server's.
 */
export async function judgeFiles(
  files: readonly OpenedFile[],
  given: IdentityRules,
  passphrase: string | undefined,
): Promise<Finding[]> {
  const cas = files.filter(isCaFile);
  // Intermediates alone are no server's CA file: it needs a root.
  const trusted = cas
    .filter(({ certificates }) => certificates.some(isSelfSigned))
    .flatMap(({ certificates }) => certificates);
  const known = { ...given, clientCa: given.clientCa ?? (trusted.length === 0 ? null : trusted) };
  const others = files.filter((file) => file.certificates.length > 0 && !isCaFile(file));
  const shown = others.length === 0 && given.clientCa !== null ? cas : others;
  const judged: [path: string, findings: Finding[]][] = [];
  const paired = new Set<OpenedKey>();
  for (const file of shown) {
    const key = findKey(file, files, shown);
    if (key !== null) paired.add(key);
    const findings = await judgeIdentity(await ownOf(file, key, passphrase), known);
    const isServers = given.clientCa === null && isServerCertificate(file);
    judged.push([file.path, isServers ? findings.map(skipForServers) : findings]);
  }
  for (const file of cas.filter((one) => !shown.includes(one)))
    judged.push([file.path, judgeCas(file.certificates, known)]);
  for (const file of files) judged.push(...judgeRest(file, files, paired, known));
  for (const { path, oddities } of files) {
    if (oddities.length === 0) continue;
    const found = judged.find(([judgedPath]) => judgedPath === path);
    if (found === undefined) judged.push([path, oddities.map(judgeOddity)]);
    else found[1] = [...found[1], ...oddities.map(judgeOddity)];
  }
  const isAlone = judged.length === 1;
  return judged.flatMap(([path, findings]) =>
    findings.map((finding) => (isAlone ? finding : { ...finding, title: `${finding.title} (${path})` })),
  );
}

/** It names hosts and is for servers alone, so without --client-ca nobody means to show it as a client. */
function isServerCertificate({ certificates: [leaf] }: OpenedFile): boolean {
  if (leaf?.subjectAltName === undefined) return false;
  const usages = readDetails(leaf).extendedKeyUsage ?? [];
  return usages.includes(SERVER_AUTH) && !usages.includes(CLIENT_AUTH);
}

/** These ask what a server says of a client's certificate. */
const ABOUT_CLIENTS: ReadonlySet<string> = new Set<CheckId>(['L2', 'L6', 'L11', 'L12']);

function skipForServers(finding: Finding): Finding {
  if (!ABOUT_CLIENTS.has(finding.id)) return finding;
  return {
    ...finding,
    status: 'skip',
    detail: "it is a server's certificate, not a client's; to check it as a client's, add --client-ca",
    expected: null,
    observed: null,
    fix: null,
    serverFixes: [],
  };
}

/** Every certificate in it may issue others. It is not what a client shows. */
const isCaFile = ({ certificates }: OpenedFile): boolean =>
  certificates.length > 0 &&
  certificates.every(
    (one) => readDetails(one).basicConstraints?.ca ?? (readDetails(one).version < 3 && isSelfSigned(one)),
  );

/** The key of one of the file's certificates; or else one that belongs to nothing, which is the mistake to report. */
function findKey(file: OpenedFile, files: readonly OpenedFile[], shown: readonly OpenedFile[]): OpenedKey | null {
  const keys = [...file.keys, ...files.flatMap(({ keys: ofFile }) => ofFile)].filter(({ key }) => key !== null);
  const own = keys.find(({ key }) => key !== null && file.certificates.some((one) => one.checkPrivateKey(key)));
  if (own !== undefined || file.own !== null) return own ?? null;
  const stray = keys.filter((key) => ownerOf(key, files) === null);
  return file.keys.find((key) => stray.includes(key)) ?? (shown.length === 1 ? (stray[0] ?? null) : null);
}

async function ownOf(file: OpenedFile, key: OpenedKey | null, passphrase: string | undefined): Promise<OwnCertificate> {
  if (file.own !== null) return file.own;
  if (key === null || key.key === null) return ownWithoutKey(file.certificates, file.path, file.format);
  const cert = { path: file.path, bytes: Buffer.from(file.certificates.join('')) };
  const pem = { path: key.path, bytes: Buffer.from(key.pem) };
  const unusable = await whyUnusable({ cert, key: pem, passphrase });
  const format = file.format === 'DER' ? 'DER' : 'PEM';
  return ownOfPem({
    format,
    certificates: file.certificates,
    cert,
    key: { ...pem, opened: key.key },
    passphrase,
    unusable,
  });
}

function judgeCas(certificates: readonly X509Certificate[], given: IdentityRules): Finding[] {
  return [
    judgeContent(`a CA file with ${plural(certificates.length, 'certificate')}`),
    judgeValidity(certificates, given),
    judgeStrength(certificates),
    judgeCaFile(certificates),
  ];
}

/** Keys without a certificate to be judged with, requests, public keys, and what is none of them. */
function judgeRest(
  file: OpenedFile,
  files: readonly OpenedFile[],
  paired: ReadonlySet<OpenedKey>,
  given: IdentityRules,
): [string, Finding[]][] {
  const hasOthers = files.some(({ certificates, requests }) => certificates.length + requests.length > 0);
  const findings = [
    ...file.keys
      .filter((key) => !paired.has(key))
      .flatMap((key) => judgeKey(key, ownerOf(key, files), hasOthers, given)),
    ...file.requests.flatMap((request) => {
      const { publicKey } = request;
      const owner = files.flatMap(({ keys }) => keys).find((key) => key.publicKey?.equals(publicKey));
      return [
        judgeCertificateRequest(request),
        ...(owner === undefined ? [] : [judgeBelongs('the request', `the key in ${owner.path}`)]),
        judgeKeyStrength(publicKey),
      ];
    }),
    ...file.publicKeys.flatMap((key) => [
      judgeContent(`${keyText(describeKey(key))} public key`),
      ...(hasOthers ? [judgePublicKey(publicOwnerOf(key, files), isPrivateAtHand(key, files))] : []),
      judgeKeyStrength(key),
    ]),
    ...(file.others.length > 0 &&
    file.certificates.length + file.keys.length + file.requests.length + file.publicKeys.length === 0
      ? [judgeForeignContent(file.others, file.path)]
      : []),
  ];
  return findings.length === 0 ? [] : [[file.path, findings]];
}

function judgeKey(
  key: OpenedKey,
  owner: string | null,
  hasOthers: boolean,
  { ownKeyRule, vendorTitle }: IdentityRules,
): Finding[] {
  if (key.key === null)
    return [
      judgeContent(
        `a ${key.pem === '' ? 'PKCS#12 file' : 'private key'}, encrypted with ${key.encryption ?? 'an unknown scheme'}`,
        false,
      ),
    ];
  const described = { ...describeKey(key.key), encrypted: key.encryption !== null };
  const own = { ...ownWithoutKey([], ''), key: described, keyPath: key.path };
  return [
    judgeContent(
      `${keyText(described)} private key, ` +
        `${key.encryption === null ? 'not encrypted' : `encrypted with ${key.encryption}`}`,
    ),
    judgeKeyRule(own, ownKeyRule, vendorTitle),
    ...(hasOthers ? [judgeBelongs('the key', owner)] : []),
    judgeKeyStrength(key.key),
  ];
}

/** The certificate or request with this key, in words. */
export const ownerOf = ({ publicKey }: OpenedKey, files: readonly OpenedFile[]): string | null =>
  publicKey === null ? null : publicOwnerOf(publicKey, files);

function publicOwnerOf(key: KeyObject, files: readonly OpenedFile[]): string | null {
  for (const { path, certificates, requests } of files) {
    const position = certificates.findIndex((one) => publicKeyOf(one)?.equals(key) === true);
    if (position !== -1) return certificatePlace(path, position, certificates.length);
    if (requests.some((one) => one.publicKey.equals(key))) return `the request in ${path}`;
  }
  return null;
}

const isPrivateAtHand = (key: KeyObject, files: readonly OpenedFile[]): boolean =>
  files.some(
    ({ keys, own }) =>
      keys.some(({ publicKey }) => publicKey?.equals(key) === true) ||
      own?.certificates.slice(0, 1).some((one) => publicKeyOf(one)?.equals(key)) === true,
  );

/** `certificate 2 of chain.pem`, or the file alone where it holds one. */
export const certificatePlace = (path: string, position: number, count: number): string =>
  count === 1 ? path : `certificate ${position + 1} of ${path}`;
