import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Identity } from './probe/probe-endpoint.ts';

const DAY_MS = 86_400_000;

// Object identifiers, ready encoded.
const ECDSA_WITH_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const KEY_USAGE = '0603551d0f';
const EXTENDED_KEY_USAGE = '0603551d25';
const CLIENT_AUTH = '06082b06010505070302';

/**
 * A certificate nobody issued: valid around `nowMs`, fit for client authentication, signed by its own key. A server
 * that accepts it accepts everybody, so the only thing wrong with it must be that nobody vouches for it.
 * Written by hand (RFC 5280 §4.1) because Node can read certificates but not make them.
 */
export function makeSelfSigned(nowMs: number): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(hex(ECDSA_WITH_SHA256));
  const name = sequence(der(0x31, sequence(hex(COMMON_NAME), der(0x0c, Buffer.from('hookproof, issued by nobody')))));
  const tbs = sequence(
    der(0xa0, hex('020102')),
    der(0x02, serialOf(spki)),
    algorithm,
    name,
    sequence(utcTime(nowMs - DAY_MS), utcTime(nowMs + DAY_MS)),
    name,
    spki,
    der(0xa3, sequence(
      // digitalSignature, critical
      sequence(hex(KEY_USAGE), hex('0101ff'), der(0x04, hex('03020780'))),
      sequence(hex(EXTENDED_KEY_USAGE), der(0x04, sequence(hex(CLIENT_AUTH)))),
    )),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', tbs, privateKey)]);
  return {
    cert: Buffer.from(pem('CERTIFICATE', sequence(tbs, algorithm, der(0x03, signature)))),
    key: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** Tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Positive and different for every key. */
function serialOf(spki: Buffer): Buffer {
  const serial = createHash('sha256').update(spki).digest().subarray(0, 16);
  serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
  return serial;
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
