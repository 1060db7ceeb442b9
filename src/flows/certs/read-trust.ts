import type { KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import type { Machine } from '../session/equip-target.ts';
import { readCaFile, readCaKey } from './read-client-certificate.ts';

export interface TrustOptions {
  /** PEM file: what the server trusts for clients. */
  clientCa?: string;
  /** PEM file: its private key, to issue certificates that must be refused. */
  clientCaKey?: string;
  clientCaPassphraseEnv?: string;
  clientCaPassphraseFile?: string;
  /** PEM file: trusted alone. */
  pin?: string;
}

/** Further trust that the user gave. */
export interface Trust {
  pin: Uint8Array | null;
  pinned: readonly X509Certificate[];
  clientCaKey: KeyObject | null;
}

/** Throws AppError `usage` or `input`. */
export async function readTrust(options: TrustOptions, machine: Machine): Promise<Trust> {
  const { pin, clientCa, clientCaKey } = options;
  if (clientCaKey !== undefined && clientCa === undefined)
    throw new AppError('usage', '--client-ca-key comes without its certificate', { hint: 'add --client-ca FILE' });
  const pinned = pin === undefined ? [] : await readCaFile(pin);
  return {
    pin: pin === undefined ? null : Buffer.from(pinned.map(String).join('\n')),
    pinned,
    clientCaKey:
      clientCaKey === undefined
        ? null
        : await readCaKey(
            clientCaKey,
            { passphraseEnv: options.clientCaPassphraseEnv, passphraseFile: options.clientCaPassphraseFile },
            machine,
          ),
  };
}
