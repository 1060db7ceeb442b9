import { createHmac, createPrivateKey, createPublicKey, pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DerValue, readWholeDer, valuesIn } from '../../../src/certs/der.ts';
import { makeSecureContext, openPrivateKey, readCertificates } from '../../../src/deliver/client-certificate.ts';
import { readTlsFile } from '../../../src/deliver/tls-files.ts';
import { openFile } from '../../../src/flows/certs/open-file.ts';
import { AppError } from '../../../src/model/error.ts';
import type { WantedPart } from '../../../src/model/file-kinds/file-kind.ts';
import { recogniseFile } from '../../../src/model/file-kinds/recognise-file.ts';
import { integer, objectId, sequence, tagged } from '../../helpers/chain-maker.ts';
import { makeOddCertificates, PASSPHRASE, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { bin, runCommandLine } from '../../helpers/program.ts';
import { openServer } from '../../helpers/raw-server.ts';

const isFound = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const canRun = ({ needs = [] }: Row): boolean => needs.every(isFound);

function utf16(text: string, isBig: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

/** The same PKCS#12 with its MAC as RFC 9579 has it, which OpenSSL 3.0 cannot write. */
function withPbmac1(pfx: Buffer): Buffer {
  const [version, content] = valuesIn(readWholeDer(pfx)) as [DerValue, DerValue];
  const data = valuesIn(valuesIn(content)[1])[0]?.content ?? Buffer.alloc(0);
  const salt = randomBytes(16);
  const digest = createHmac('sha256', pbkdf2Sync(PASSPHRASE, salt, 2048, 32, 'sha256'))
    .update(data)
    .digest();
  const hmac = sequence(objectId('1.2.840.113549.2.9'), tagged(0x05));
  const numbers = [integer(Buffer.from([8, 0])), integer(Buffer.from([32]))];
  const derivation = sequence(objectId('1.2.840.113549.1.5.12'), sequence(tagged(0x04, salt), ...numbers, hmac));
  const algorithm = sequence(objectId('1.2.840.113549.1.5.14'), sequence(derivation, hmac));
  const mac = sequence(
    sequence(algorithm, tagged(0x04, digest)),
    tagged(0x04, Buffer.alloc(8)),
    integer(Buffer.from([1])),
  );
  return sequence(version.whole, content.whole, mac);
}

/** OpenSSL 3.0 asks for one. */
const readsWithoutMac = !process.versions.openssl.startsWith('3.0.');

interface Row {
  /** False where Node reads it. */
  when?: boolean;
  /** Programs that make the file or cure it. */
  needs?: readonly string[];
  /** Writes the file, which is called `odd`. */
  make: () => unknown;
  /** Where it is not the certificate to show. */
  as?: WantedPart;
  /** Of the message. */
  says: RegExp;
  /** Of the hint, where no command makes the right thing of it. */
  hint?: RegExp;
  /** What is typed at each part of the command. */
  answers?: readonly string[];
  /** The file that the cured one must be equal to where it is not leaf.pem: a certificate, a key in PEM or of OpenSSH. */
  same?: string;
  passphrase?: string;
}

describe.skipIf(!hasOpenssl)('a file of another kind is named, and its command cures it', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  const read = (name: string): string => odd.read(name).toString('latin1');
  const write = (content: string | Uint8Array): void => writeFileSync(odd.path('odd'), content, 'latin1');
  const run = (command: string): Buffer =>
    execFileSync('sh', ['-c', command], { cwd: odd.path('.'), stdio: ['ignore', 'pipe', 'ignore'] });
  const both = (change: (pem: string) => string): void => write(change(`${read('leaf.pem')}${read('ca.pem')}`));
  const sshKey = (type: string, passphrase = '', then = 'true'): void =>
    void run(
      `rm -f odd odd.pub && ssh-keygen -q -t ${type} ${type === 'rsa' ? '-b 2048' : ''} -N '${passphrase}' -f odd && ` +
        `cp odd.pub id.pub && ${then}`,
    );
  const sshPublicKey = (type: string): void => sshKey(type, '', 'mv odd.pub odd');
  const pfx = (options = ''): void =>
    void run(`openssl pkcs12 -export -in leaf.pem -inkey leaf.key -passout 'pass:${PASSPHRASE}' -out odd ${options}`);
  const [once1, thrice] = [1, 3].map((count) => `${PASSPHRASE}\n`.repeat(count)) as [string, string];
  const jwk = (name: string): object =>
    (read(name).includes('PRIVATE') ? createPrivateKey : createPublicKey)(read(name)).export({ format: 'jwk' });
  const base64 = (name: string): string => odd.read(name).toString('base64');

  const ROWS: Record<string, Row> = {
    'an OpenSSH private key, RSA': {
      needs: ['ssh-keygen'],
      make: () => sshKey('rsa'),
      as: 'key',
      says: /it is an OpenSSH private key \(RSA\)/,
      answers: ['', '\n\n'],
      same: 'id.pub',
    },
    'an OpenSSH private key, ECDSA': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ecdsa'),
      as: 'any',
      says: /OpenSSH private key \(EC P-256\)/,
      answers: ['', '\n\n'],
      same: 'id.pub',
    },
    'an OpenSSH private key, encrypted': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ecdsa', PASSPHRASE),
      as: 'key',
      says: /\(EC P-256, encrypted\)/,
      answers: ['', thrice],
      passphrase: PASSPHRASE,
      same: 'id.pub',
    },
    'an OpenSSH private key, Ed25519': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ed25519'),
      as: 'key',
      says: /OpenSSH private key \(Ed25519\)/,
      same: 'id.pub',
    },
    'an OpenSSH private key, Ed25519, encrypted': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ed25519', PASSPHRASE),
      as: 'any',
      says: /\(Ed25519, encrypted\)/,
      answers: ['', `${PASSPHRASE}\n\n\n`, ''],
      same: 'id.pub',
    },
    'an OpenSSH private key for a certificate': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ed25519'),
      says: /OpenSSH private key/,
      hint: /swapped/,
    },
    'an OpenSSH public key, RSA': {
      needs: ['ssh-keygen'],
      make: () => sshPublicKey('rsa'),
      as: 'any',
      says: /OpenSSH public key \(RSA\)/,
      same: 'id.pub',
    },
    'an OpenSSH public key, ECDSA': {
      needs: ['ssh-keygen'],
      make: () => sshPublicKey('ecdsa'),
      as: 'any',
      says: /OpenSSH public key \(EC P-256\)/,
      same: 'id.pub',
    },
    'an OpenSSH public key, Ed25519': {
      needs: ['ssh-keygen'],
      make: () => sshPublicKey('ed25519'),
      as: 'any',
      says: /OpenSSH public key \(Ed25519\)/,
      same: 'id.pub',
    },
    'an OpenSSH public key for a private one': {
      needs: ['ssh-keygen'],
      make: () => sshPublicKey('rsa'),
      as: 'key',
      says: /OpenSSH public key/,
      hint: /signs with the private key/,
    },
    'an OpenSSH public key for a certificate': {
      needs: ['ssh-keygen'],
      make: () => sshPublicKey('rsa'),
      as: 'ca',
      says: /OpenSSH public key/,
      hint: /X\.509/,
    },
    'an OpenSSH certificate': {
      needs: ['ssh-keygen'],
      make: () => sshKey('ecdsa', '', 'ssh-keygen -q -s odd -I id odd.pub && mv odd-cert.pub odd'),
      says: /OpenSSH certificate \(EC P-256\)/,
      hint: /X\.509/,
    },
    'an SSH2 public key': {
      needs: ['ssh-keygen'],
      make: () => sshKey('rsa', '', 'ssh-keygen -e -f id.pub > odd'),
      as: 'any',
      says: /SSH2 public key/,
      same: 'id.pub',
    },
    'a key of PuTTY, version 3': {
      needs: ['ssh-keygen', 'puttygen'],
      make: () => sshKey('ecdsa', '', 'puttygen odd -O private -o odd'),
      as: 'key',
      says: /PuTTY \(version 3, EC P-256\)/,
      same: 'id.pub',
    },
    'a key of PuTTY, version 2': {
      needs: ['ssh-keygen', 'puttygen'],
      make: () => sshKey('rsa', '', 'puttygen odd --ppk-param version=2 -O private -o odd'),
      as: 'any',
      says: /PuTTY \(version 2, RSA\)/,
      same: 'id.pub',
    },
    'a key of PuTTY, Ed25519': {
      needs: ['ssh-keygen', 'puttygen'],
      make: () => sshKey('ed25519', '', 'puttygen odd -O private -o odd'),
      as: 'key',
      says: /PuTTY \(version 3, Ed25519\)/,
      answers: ['', ''],
      same: 'id.pub',
    },

    'a JKS keystore': {
      needs: ['keytool'],
      make: () =>
        run(
          `rm -f odd; keytool -importkeystore -srckeystore modern.pfx -srcstorepass '${PASSPHRASE}' ` +
            `-destkeystore odd -deststoretype JKS -deststorepass '${PASSPHRASE}' -noprompt`,
        ),
      says: /Java keystore \(JKS\)/,
      answers: [thrice],
      passphrase: PASSPHRASE,
    },
    'a JCEKS keystore of CAs': {
      needs: ['keytool'],
      make: () =>
        run(
          `rm -f odd; keytool -importcert -file ca.pem -keystore odd -storetype JCEKS -storepass '${PASSPHRASE}' -noprompt`,
        ),
      as: 'ca',
      says: /Java keystore \(JCEKS\)/,
      answers: [once1],
      same: 'ca.pem',
    },
    'a BKS keystore': {
      make: () => write(Buffer.concat([Buffer.from('0000000200000014', 'hex'), Buffer.alloc(40, 7)])),
      says: /Bouncy Castle \(BKS\)/,
      hint: /bcprov/,
    },
    'a key of Microsoft': {
      make: () => run('openssl rsa -in rsa.key -outform PVK -pvk-none -out odd'),
      as: 'key',
      says: /Microsoft \(PVK\)/,
      same: 'rsa.key',
    },

    'PKCS#12 for a certificate': { make: () => pfx(), says: /PKCS#12/, passphrase: PASSPHRASE },
    'PKCS#12 for a key': { make: () => pfx(), as: 'key', says: /PKCS#12/, passphrase: PASSPHRASE },
    'PKCS#12 for CAs': { make: () => pfx(), as: 'ca', says: /PKCS#12/, answers: [once1] },
    'PKCS#12 in RC2': {
      make: () => pfx('-legacy'),
      as: 'pfx',
      says: /outdated way \(RC2\)/,
      answers: [thrice, thrice],
      passphrase: PASSPHRASE,
    },
    'PKCS#12 in RC2, looked at': {
      make: () => pfx('-legacy'),
      as: 'any',
      says: /outdated way \(RC2\)/,
      answers: [thrice, thrice],
      passphrase: PASSPHRASE,
    },
    'PKCS#12 without a MAC': {
      when: !readsWithoutMac,
      make: () => pfx('-nomac'),
      as: 'pfx',
      says: /has no MAC/,
      answers: [thrice, thrice],
      passphrase: PASSPHRASE,
    },
    'PKCS#12 with a MAC of RFC 9579': {
      when: !readsWithoutMac,
      make: () => {
        pfx();
        write(withPbmac1(odd.read('odd')));
      },
      as: 'pfx',
      says: /PBMAC1/,
      answers: [thrice, thrice],
      passphrase: PASSPHRASE,
    },
    'PKCS#12 without a MAC, closed': {
      make: () => pfx('-nomac'),
      as: 'pfx',
      says: /needs a passphrase/,
      hint: /--passphrase-env/,
    },
    'PKCS#12 in base64': {
      make: () => {
        pfx();
        write(base64('odd'));
      },
      as: 'pfx',
      says: /PKCS#12 in base64/,
      passphrase: PASSPHRASE,
    },
    'PKCS#12 in base64, in lines, for a certificate': {
      make: () => {
        pfx();
        write(base64('odd').replace(/.{76}/g, '$&\r\n'));
      },
      says: /PKCS#12 in base64/,
      passphrase: PASSPHRASE,
    },
    'PKCS#12 between the marks of a certificate': {
      make: () => {
        pfx();
        write(`-----BEGIN CERTIFICATE-----\n${base64('odd')}\n-----END CERTIFICATE-----\n`);
      },
      says: /between the marks is PKCS#12/,
      passphrase: PASSPHRASE,
    },
    'a certificate in DER': { make: () => write(odd.read('leaf.der')), says: /a certificate in DER/ },
    'a certificate in base64': { make: () => write(base64('leaf.der')), as: 'any', says: /a certificate in base64/ },
    'a certificate without its marks': {
      make: () => write(read('ca.pem').replaceAll(/-----.*\n/g, '')),
      as: 'ca',
      says: /a certificate in base64/,
      same: 'ca.pem',
    },
    'a key in DER': {
      make: () => write(odd.read('leaf-key.der')),
      as: 'key',
      says: /a private key in DER/,
      same: 'leaf.key',
    },
    'a key in base64': {
      make: () => write(base64('leaf-key.der')),
      as: 'key',
      says: /a private key in base64/,
      same: 'leaf.key',
    },
    'an encrypted key in DER': {
      make: () => run(`openssl pkcs8 -topk8 -in leaf.key -outform DER -passout 'pass:${PASSPHRASE}' -out odd`),
      as: 'key',
      says: /an encrypted private key in DER/,
      answers: [thrice],
      passphrase: PASSPHRASE,
      same: 'leaf.key',
    },
    'a key between the marks of a certificate': {
      make: () => write(read('leaf.key').replaceAll('PRIVATE KEY', 'CERTIFICATE')),
      says: /between the marks is a private key/,
      hint: /pkey/,
    },
    'a certificate between the marks of a key': {
      make: () => write(read('leaf.pem').replaceAll('CERTIFICATE', 'PRIVATE KEY')),
      as: 'key',
      says: /between the marks is a certificate/,
      hint: /x509/,
    },
    'PKCS#7 in PEM': { make: () => write(read('leaf.p7b')), says: /contains a PKCS7/ },
    'PKCS#7 in DER': {
      make: () => run('openssl crl2pkcs7 -nocrl -certfile leaf.pem -outform DER -out odd'),
      as: 'ca',
      says: /PKCS#7 in DER/,
    },
    'PKCS#7 between the marks of a certificate': {
      make: () => write(read('leaf.p7b').replaceAll('PKCS7', 'CERTIFICATE')),
      says: /between the marks is PKCS#7/,
    },
    'PKCS#7 between the marks of a certificate, behind words': {
      make: () => write(`subject=CN = leaf\n\n${read('leaf.p7b').replaceAll('PKCS7', 'CERTIFICATE')}`),
      says: /between the marks is PKCS#7/,
    },
    'a trusted certificate': {
      make: () => run('openssl x509 -in ca.pem -trustout -addreject clientAuth -out odd'),
      as: 'ca',
      says: /is a TRUSTED CERTIFICATE/,
      same: 'ca.pem',
    },
    'a trusted certificate, looked at': {
      make: () => run('openssl x509 -in leaf.pem -trustout -out odd'),
      as: 'any',
      says: /is a TRUSTED CERTIFICATE/,
    },
    'a trusted certificate behind another': {
      make: () => write(`${read('leaf.pem')}${run('openssl x509 -in ca.pem -trustout').toString()}`),
      says: /certificate 2 in .* is a TRUSTED CERTIFICATE/,
    },

    'a JWK': {
      make: () => write(JSON.stringify(jwk('leaf.key'), null, 2)),
      as: 'key',
      says: /a JWK \(private key, EC\)/,
      same: 'leaf.key',
    },
    'a JWK, public': {
      make: () => write(JSON.stringify(jwk('leaf.pub'))),
      as: 'any',
      says: /a JWK \(public key, EC\)/,
      same: 'leaf.key',
    },
    'a JWK, public, for a private one': {
      make: () => write(JSON.stringify(jwk('leaf.pub'))),
      as: 'key',
      says: /a JWK \(public key, EC\)/,
      hint: /signs with the private key/,
    },
    'a JWK set': {
      make: () => write(JSON.stringify({ keys: [jwk('leaf.pub'), jwk('rsa.key')] })),
      as: 'key',
      says: /a JWK set of 2/,
      same: 'rsa.key',
    },
    'a JWK with its certificate': {
      make: () => write(JSON.stringify({ ...jwk('leaf.pub'), x5c: [base64('leaf.der')] })),
      says: /a JWK/,
    },
    'PEM in JSON': {
      make: () => write(JSON.stringify({ a: "it's", 'tls.key': read('leaf.key'), 'tls.crt': read('leaf.pem') })),
      says: /JSON with PEM in 2 strings/,
    },
    'a key in JSON': {
      make: () => write(JSON.stringify({ type: 'service_account', private_key: read('rsa.key') })),
      as: 'key',
      says: /JSON with PEM in a string/,
      same: 'rsa.key',
    },
    'a Secret of Kubernetes in JSON': {
      make: () =>
        write(
          JSON.stringify({ kind: 'Secret', data: { 'tls.crt': base64('leaf.pem'), 'tls.key': base64('leaf.key') } }),
        ),
      as: 'key',
      says: /JSON with PEM/,
      same: 'leaf.key',
    },
    'a Secret of Kubernetes': {
      make: () =>
        write(
          `apiVersion: v1\ndata:\n  tls.crt: ${base64('leaf.pem')}\n  tls.key: "${base64('leaf.key')}"\nkind: Secret\n`,
        ),
      as: 'key',
      says: /Kubernetes Secret, with PEM in base64 \(tls\.crt, tls\.key\)/,
      same: 'leaf.key',
    },
    // As `kubectl create secret tls … -o yaml` writes it.
    'a Secret of Kubernetes with its type and metadata': {
      make: () =>
        write(
          `apiVersion: v1\ndata:\n  tls.crt: ${base64('leaf.pem')}\n  tls.key: ${base64('leaf.key')}\nkind: Secret\n` +
            'metadata:\n  creationTimestamp: null\n  name: x\ntype: kubernetes.io/tls\n',
        ),
      says: /Kubernetes Secret/,
    },
    'a file of variables': {
      make: () => write(`export A=b\nexport TLS_CERT='${base64('leaf.pem')}'\n`),
      as: 'any',
      says: /PEM in base64 \(TLS_CERT\)/,
    },
    'PEM in base64': { make: () => write(base64('leaf.pem')), says: /it is PEM in base64/ },

    'UTF-16 with a mark': {
      needs: ['iconv'],
      make: () => write(utf16(`\uFEFF${read('leaf.pem')}`.replaceAll('\n', '\r\n'), false)),
      says: /text in UTF-16/,
    },
    'UTF-16 the other way round': {
      needs: ['iconv'],
      make: () => write(utf16(`\uFEFF${read('leaf.key')}`, true)),
      as: 'key',
      says: /text in UTF-16/,
      same: 'leaf.key',
    },
    'UTF-16 without a mark': {
      needs: ['iconv'],
      make: () => write(utf16(read('leaf.pem'), false)),
      as: 'any',
      says: /UTF-16 without a byte-order mark/,
    },
    'UTF-16 without a mark, the other way round': {
      needs: ['iconv'],
      make: () => write(utf16(read('ca.pem'), true)),
      as: 'ca',
      says: /UTF-16 without a byte-order mark/,
      same: 'ca.pem',
    },
    'UTF-32': {
      needs: ['iconv'],
      make: () => run('iconv -f UTF-8 -t UTF-32 ca.pem > odd'),
      as: 'ca',
      says: /UTF-32/,
      same: 'ca.pem',
    },
    'CR alone': { make: () => both((pem) => pem.replaceAll('\n', '\r')), says: /CR only/ },
    'marks on one line': {
      make: () => both((pem) => pem.replaceAll('-----\n-----', '----------')),
      says: /shares line/,
    },
    'marks on one line, looked at': {
      make: () => both((pem) => pem.replaceAll('-----\n-----', '----------')),
      as: 'any',
      says: /shares line/,
    },
    'marks on one line, of a key': {
      make: () => write(`${read('leaf.pem').trimEnd()}${read('leaf.key')}`),
      as: 'key',
      says: /shares line/,
      same: 'leaf.key',
    },
    'no line ends at all': {
      make: () => both((pem) => pem.replaceAll('\n', '')),
      as: 'any',
      says: /lines of their own|shares line/,
    },
    'blanks for line ends': {
      make: () => both((pem) => pem.replaceAll('\n', ' ')),
      as: 'ca',
      says: /lines of their own|shares line/,
    },
    '\\n in words': {
      make: () => both((pem) => pem.replaceAll('\n', '\\n')),
      says: /\\n instead of line breaks|shares line/,
    },
    '\\n in a file of variables': {
      make: () => write(`TLS_KEY="${read('leaf.key').replaceAll('\n', '\\n')}"\n`),
      as: 'key',
      says: /\\n instead of line breaks/,
      same: 'leaf.key',
    },
    '\\r\\n twice escaped': {
      make: () => write(read('leaf.key').replaceAll('\n', '\\\\r\\\\n')),
      as: 'any',
      says: /\\n instead of line breaks|shares line/,
      same: 'leaf.key',
    },
    'a variable with line ends': {
      make: () => write(`TLS_CERT="${read('leaf.pem').trimEnd()}"\n`),
      says: /not on their own lines/,
    },
    'quoted-printable': {
      needs: ['perl'],
      make: () =>
        write(
          read('rsa.pem')
            .replaceAll('=', '=3D')
            .replace(/^(MII.{40})/m, '$1=\n'),
        ),
      as: 'any',
      says: /base64|quoted-printable/,
      same: 'rsa.pem',
    },
    'en dashes': {
      make: () => write(read('leaf.pem').replaceAll('-----', '\u00e2\u0080\u0093'.repeat(5))),
      says: /do not have five hyphens/,
    },
    'an em dash for two hyphens': {
      make: () => write(read('leaf.key').replaceAll('-----', '\u00e2\u0080\u0094\u00e2\u0080\u0094-')),
      as: 'key',
      says: /do not have five hyphens/,
      same: 'leaf.key',
    },
    'dashes of Windows': {
      make: () => write(read('leaf.pem').replaceAll('-----', '\u0097-')),
      as: 'any',
      says: /do not have five hyphens/,
    },
    'four hyphens': {
      make: () => both((pem) => pem.replaceAll('-----', '----')),
      as: 'ca',
      says: /do not have five hyphens/,
    },
    'blanks within the marks': {
      make: () => both((pem) => pem.replaceAll(/-----(.*)-----/g, '----- $1 -----')),
      says: /do not have five hyphens/,
    },
    'en dashes in the last mark': {
      make: () => write(read('leaf.pem').replace(/-----END (.*)-----/, '\u00e2\u0080\u0093$1')),
      says: /no -----END|misspelled|not base64/,
      hint: /copy it again/,
    },
    indented: { make: () => both((pem) => pem.replaceAll(/^/gm, '    ')), as: 'ca', says: /indented or quoted/ },
    'quoted in an e-mail': {
      make: () => both((pem) => pem.replaceAll(/^/gm, '> ')),
      as: 'any',
      says: /indented or quoted/,
    },
    'in a block of YAML': {
      make: () => write(`data:\n  tls.crt: |\n${read('leaf.pem').replaceAll(/^(?=.)/gm, '    ')}`),
      says: /indented or quoted/,
    },
    'a no-break space': {
      make: () => write(read('leaf.pem').replace('\n', '\u00c2\u00a0\n')),
      says: /invisible characters/,
    },
    'a byte-order mark within it': {
      make: () => write(`${read('leaf.pem')}\u00ef\u00bb\u00bf${read('ca.pem')}`),
      says: /mark in line/,
    },
    'minus signs in the second': {
      make: () => write(`${read('leaf.pem')}${read('ca.pem').replaceAll('-----', '\u00e2\u0088\u0092'.repeat(5))}`),
      as: 'ca',
      says: /mark in line/,
    },
    'an en dash in the second': {
      make: () => write(`${read('leaf.pem')}${read('ca.pem').replaceAll('-----', '\u00e2\u0080\u0093'.repeat(5))}`),
      as: 'any',
      says: /mark in line/,
    },
    'the second indented': {
      make: () => write(`${read('leaf.pem')}${read('ca.pem').replaceAll(/^/gm, '  ')}`),
      as: 'ca',
      says: /mark in line/,
    },

    'the spelling of URLs': {
      needs: ['perl'],
      make: () => write(encodeURIComponent(read('leaf.pem'))),
      says: /percent-encoded PEM/,
    },
    'a header of Envoy': {
      needs: ['perl'],
      make: () => write(`Hash=ab;Cert="${encodeURIComponent(read('rsa.pem'))}";Subject="CN=x"`),
      as: 'any',
      says: /percent-encoded PEM/,
      same: 'rsa.pem',
    },
    'the spelling of forms': {
      needs: ['perl'],
      make: () => write(new URLSearchParams({ cert: read('rsa.pem') }).toString()),
      says: /form-encoded PEM/,
      same: 'rsa.pem',
    },
    'numbered lines': {
      make: () =>
        write(
          read('leaf.pem')
            .split('\n')
            .map((line, index) => `${String(index + 1).padStart(4)}  ${line}`)
            .join('\n'),
        ),
      says: /PEM with line numbers/,
    },
    'small letters': {
      make: () => write(read('leaf.key').replaceAll(/-----.*-----/g, (mark) => mark.toLowerCase())),
      as: 'key',
      says: /in lower case/,
      same: 'leaf.key',
    },
    hexadecimal: {
      needs: ['xxd'],
      make: () => write((odd.read('leaf.der').toString('hex').match(/../g) ?? []).join(':')),
      says: /a certificate in hexadecimal/,
    },
    'a data URL': {
      make: () => write(`data:application/x-x509-ca-cert;base64,${base64('leaf.der')}`),
      as: 'any',
      says: /a certificate in base64/,
    },
    'a label that OpenSSL does not know': {
      make: () => write(read('leaf.pem').replaceAll('CERTIFICATE', 'CERT')),
      says: /a CERT: the content between the marks is a certificate/,
    },
    'the same, looked at, behind another': {
      make: () => write(`${read('ca.pem')}${read('leaf.key').replaceAll('PRIVATE KEY', 'KEY')}`),
      as: 'any',
      says: /the key in .* \(number 2\) .* is a private key/,
      same: 'leaf.key',
    },
    'PKCS#1 as PKCS#8': {
      make: () =>
        write(
          createPrivateKey(read('rsa.key')).export({ type: 'pkcs1', format: 'pem' }).toString().replaceAll('RSA ', ''),
        ),
      as: 'key',
      says: /of the form RSA PRIVATE KEY/,
      same: 'rsa.key',
    },
    'SEC1 as PKCS#1, behind its certificate': {
      make: () =>
        write(
          `${read('leaf.pem')}${createPrivateKey(read('leaf.key')).export({ type: 'sec1', format: 'pem' }).toString().replaceAll('EC PRIV', 'RSA PRIV')}`,
        ),
      as: 'key',
      says: /of the form EC PRIVATE KEY/,
      same: 'leaf.key',
    },
    gzip: { needs: ['gzip'], make: () => run('gzip -c leaf.pem > odd'), says: /compressed with gzip/ },
    bzip2: { needs: ['bzip2'], make: () => run('bzip2 -c leaf.pem > odd'), as: 'any', says: /compressed with bzip2/ },
    xz: { needs: ['xz'], make: () => run('xz -c leaf.pem > odd'), as: 'any', says: /compressed with xz/ },
    zstd: { needs: ['zstd'], make: () => run('zstd -c leaf.pem > odd'), as: 'any', says: /Zstandard/ },
    'a message of OpenPGP': {
      needs: ['gpg'],
      make: () =>
        run(
          `rm -f odd; gpg --homedir . --batch --pinentry-mode loopback --passphrase '${PASSPHRASE}' -a -o odd -c leaf.pem`,
        ),
      says: /an OpenPGP message/,
      hint: /^open it: gpg -o odd-new\.pem -d /,
    },
    'a key of OpenPGP': {
      make: () => write('-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n'),
      as: 'key',
      says: /OpenPGP/,
      hint: /X\.509/,
    },
    'a page': {
      make: () => write('<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>'),
      as: 'ca',
      says: /an HTML page \(“404 Not Found”\)/,
      hint: /curl -fL/,
    },
    'a line of a server': {
      make: () => write('404 Not Found\n'),
      as: 'any',
      says: /server's error message/,
      hint: /curl -fL/,
    },
    'the metadata of SAML': {
      needs: ['perl'],
      make: () =>
        write(
          `<md:EntityDescriptor xmlns:md="x">\n<ds:X509Certificate>\n${base64('leaf.der')}\n</ds:X509Certificate><ds:X509Certificate>AAAA</ds:X509Certificate></md:EntityDescriptor>`,
        ),
      says: /XML document with a certificate/,
    },
    XML: {
      make: () => write('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'),
      says: /XML/,
      hint: /curl -fL/,
    },
    'a pointer of Git LFS': {
      make: () => write('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
      says: /Git LFS/,
      hint: /git lfs pull/,
    },
    'a vault of Ansible': {
      make: () => write('$ANSIBLE_VAULT;1.1;AES256\n3133\n'),
      as: 'key',
      says: /Ansible Vault/,
      hint: /ansible-vault decrypt/,
    },
    'an empty file': { make: () => write(''), says: /empty/, hint: /-----BEGIN CERTIFICATE-----/ },
    'a request': { make: () => write(read('leaf.csr')), says: /CERTIFICATE REQUEST/, hint: /signed by a CA/ },
    parameters: {
      make: () => write(run('openssl ecparam -name prime256v1')),
      as: 'key',
      says: /an EC PARAMETERS/,
      hint: /the key itself/,
    },
    'a public key for a private one': {
      make: () => write(read('leaf.pub')),
      as: 'key',
      says: /a PUBLIC KEY/,
      hint: /signs with the private key/,
    },
    'a certificate for a key': {
      make: () => write(read('leaf.pem')),
      as: 'key',
      says: /a CERTIFICATE/,
      hint: /swapped/,
    },
    'a key for a certificate': { make: () => write(read('leaf.key')), says: /PRIVATE KEY/, hint: /swapped/ },
  };

  /** Null when it can be read. */
  async function refusalOf(name: string, as: WantedPart, passphrase: string | undefined): Promise<AppError | null> {
    const file = await readTlsFile(odd.path(name));
    const readers: Record<WantedPart, () => Promise<unknown>> = {
      any: () => openFile(file, passphrase),
      own: () => readCertificates(file, 'own'),
      ca: () => makeSecureContext({ ca: file }),
      key: () => openPrivateKey(file, passphrase),
      pfx: () => makeSecureContext({ pfx: file, passphrase }),
    };
    try {
      await readers[as]();
      return null;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  /** Types the answers at a command, which has no terminal to ask at. */
  async function answer(command: string, input: string): Promise<void> {
    const child = spawn('sh', ['-c', command], {
      cwd: odd.path('.'),
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const errors = await child.stderr.toArray();
    if (child.exitCode === null) await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`${command}: ${Buffer.concat(errors).toString()}`);
  }

  /** What must not change: the public key, of a certificate its whole. */
  function identityOf(name: string, passphrase: string | undefined): string {
    const text = read(name);
    if (/^(?:ssh|ecdsa)-/.test(text)) return name;
    if (text.includes('BEGIN CERTIFICATE')) return new X509Certificate(text).fingerprint256;
    const key = text.includes('PRIVATE KEY') ? createPrivateKey({ key: text, passphrase }) : text;
    return createPublicKey(key as string)
      .export({ type: 'spki', format: 'pem' })
      .toString();
  }

  function expectSame(name: string, same: string, passphrase: string | undefined): void {
    if (!same.endsWith('.pub')) {
      const original = read(same);
      const isKey = original.includes('PRIVATE KEY');
      const text = read(name);
      // A file of certificate and key was asked for its key.
      if (isKey && text.includes('BEGIN CERTIFICATE')) expect(text).toContain(original.split('\n')[1]);
      else expect(identityOf(name, passphrase)).toBe(identityOf(same, undefined));
      return;
    }
    // RFC 4253 §6.6: the numbers of the key stand in it as they are.
    const blob = Buffer.from(read(same).split(' ')[1] ?? '', 'base64');
    const text = read(name);
    const key = createPublicKey(
      text.includes('PRIVATE KEY') ? (createPrivateKey({ key: text, passphrase }) as never) : text,
    );
    const { n, x } = key.export({ format: 'jwk' });
    expect(blob.includes(Buffer.from(String(n ?? x), 'base64url'))).toBe(true);
  }

  const rows = Object.entries(ROWS).filter(([, { when = true }]) => when);
  test.each(rows.filter(([, row]) => canRun(row)))('%s', async (_, row) => tryRow(row), 60_000);
  test.skip.each(rows.filter(([, row]) => !canRun(row)))('%s (a program is missing)', () => undefined);

  async function tryRow({
    make,
    as = 'own',
    says,
    hint,
    answers = [],
    same = 'leaf.pem',
    passphrase,
  }: Row): Promise<void> {
    for (const name of ['odd-new.pem', 'odd-new.p12', 'odd-new.openssh']) rmSync(odd.path(name), { force: true });
    make();
    const refusal = await refusalOf('odd', as, passphrase);
    expect(refusal?.kind).toBe('input');
    const said = `${refusal?.message.replaceAll(odd.path('.'), '')}; ${refusal?.hint}`;
    expect(said).toMatch(says);
    expect(said).not.toMatch(/[A-Za-z0-9+/=]{64}/);
    if (hint !== undefined) {
      expect(refusal?.hint).toMatch(hint);
      return;
    }
    const command = /: (.*)$/s.exec(refusal?.hint ?? '')?.[1] ?? '';
    let [, cured] = /.*\s(\S+-new\.(?:pem|p12))/s.exec(command) ?? [];
    if (command.startsWith('--pfx ')) cured = 'odd';
    else for (const [at, part] of command.split(' && ').entries()) await answer(part, answers[at] ?? '');
    const asPfx = cured?.endsWith('.p12') || command.startsWith('--pfx ');
    expect(await refusalOf(cured ?? command, asPfx ? 'pfx' : as, passphrase)).toBeNull();
    if (!asPfx) expectSame(cured ?? '', same, passphrase);
    expect(readFileSync(odd.path('odd')).length).toBeGreaterThan(0);
  }

  test('a kind of key by a name that every object has is unknown', () => {
    const bytes = Buffer.from('PuTTY-User-Key-File-3: constructor\nEncryption: none\n');
    expect(recogniseFile({ path: 'x', bytes }, 'key')?.what).toBe(
      'it is a private key of PuTTY (version 3, of an unknown kind)',
    );
  });

  test('what a file says of itself runs in no command', async () => {
    const label = "X'; touch ran; 'CERTIFICATE";
    write(read('leaf.pem').replaceAll('CERTIFICATE', label) + read('ca.pem').replaceAll('CERTIFICATE', label));
    for (const wanted of ['own', 'key', 'pfx'] as const) {
      const refusal = await refusalOf('odd', wanted, undefined);
      expect(`${refusal?.message} ${refusal?.hint}`).not.toContain('touch');
    }
  });

  test('what a server says instead of a file is no file with curl -f', async () => {
    const port = await openServer(
      createServer((request, response) => {
        response.statusCode = request.url === '/ca.pem' ? 200 : 404;
        response.end(request.url === '/ca.pem' ? read('ca.pem') : '404 Not Found');
      }),
    );
    write('404 Not Found\n');
    const command = /: (.*)/.exec((await refusalOf('odd', 'ca', undefined))?.hint ?? '')?.[1] ?? '';
    await expect(answer(command.replace('URL', `http://127.0.0.1:${port}/no.pem`), '')).rejects.toThrow('404');
    await answer(command.replace('URL', `http://127.0.0.1:${port}/ca.pem`), '');
    expect(await refusalOf('odd-new.pem', 'ca', undefined)).toBeNull();
  });

  test.each([
    ['a tar archive', 'tar', 'tar -cf odd leaf.pem'],
    ['a ZIP archive', 'zip', 'zip -q odd.zip leaf.pem && mv odd.zip odd'],
  ])('%s holds the file', async (name, program, command) => {
    if (!isFound(program)) throw new Error(`${program} is missing: in .ci/run it is installed`);
    const good = read('leaf.pem');
    run(command);
    const refusal = await refusalOf('odd', 'own', undefined);
    expect(refusal?.message).toContain(name);
    rmSync(odd.path('leaf.pem'));
    await answer(/: (.*)/.exec(refusal?.hint ?? '')?.[1] ?? '', '');
    expect(read('leaf.pem')).toBe(good);
  });

  // Whoever searches it again from each of its places is not done within hours.
  test.each([
    ['-BEGIN', ' '],
    [String.raw`-BEGIN A\n`, '\\'],
    ['a: LS0tLS1CRUdJTi', '\n', 'it is a list of values, with PEM in base64 (a)'],
    ['a: LS0tLS1CRUdJTi', 'A', 'it is a list of values, with PEM in base64 (a)'],
    ['-BEGIN A\n', ' '],
    ['-BEGIN A\n1', ' '],
    ['-----BEGIN ', 'A'],
    ['30', '0'],
    ['', '-'],
    ['', ' '],
    ['', '\n'],
    ['', 'A'],
    ['', '\\n'],
    ['', '='],
    ['', '{"a":'],
    ['', '-----BEGIN '],
    ['', 'LS0tLS1CRUdJTi'],
    ['', '-----BEGIN CERTIFICATE-----\n'],
    ['', ' \t- '],
    ['', '<'],
  ])('%j and 4 MiB of %j are looked at in one pass', (head, part, what?: string) => {
    const text = `${head}${part.repeat((4 * 1024 * 1024 - head.length) / part.length - 1)}!`;
    expect(recogniseFile({ path: 'x', bytes: Buffer.from(text) }, 'any')?.what).toBe(what);
  });

  // So V8 compiles them in a process that has used many: each character of a run then takes 16 bytes of its 64 MiB for
  // places to return to.
  test('no regular expression runs out of space on a file of 4 MiB', async () => {
    const files = ['-BEGIN A\\n\\', '-BEGIN ', '-BEGIN A\n ', '-BEGIN A\n1 ', 'A'].map((text, index) => {
      writeFileSync(odd.path(`run-${index}`), text.padEnd(4 * 1024 * 1024 - 1, text.at(-1)).concat('!'));
      return `run-${index}`;
    });
    for (const file of files) {
      const flags = ['--no-regexp-optimization', bin('webhook'), 'certs', 'inspect', file];
      const { code, stderr } = await runCommandLine(process.execPath, flags, { cwd: odd.path('.') });
      expect([code, stderr]).toEqual([5, expect.stringContaining('contains no certificate, request or key')]);
    }
  });

  test.each([
    [String.raw`\n`, '\n'],
    [String.raw`\\n`, '\n'],
    [String.raw`\r\n`, '\n'],
    [String.raw`\\r\\n`, '\n'],
    [String.raw`\r\r\n`, `${String.raw`\r`}\n`],
  ])('a line break written as %s is read as the command reads it', (written, broken) => {
    const pem = read('leaf.pem');
    write(pem.replaceAll('\n', written));
    const known = recogniseFile({ path: 'odd', bytes: readFileSync(odd.path('odd')) }, 'own');
    const isWhole = broken === '\n';
    expect(known?.cure?.command ?? '').toMatch(isWhole ? /^awk / : /^$/);
    if (!isWhole) return;
    run(known?.cure?.command ?? '');
    expect(read('odd-new.pem').trim()).toBe(pem.trim());
  });
});
