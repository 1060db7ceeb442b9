import { readWhole } from './read-bytes.ts';
import { DER, readDer, readDerValues, readOid, type DerValue } from './read-der.ts';

export const TAG = { ...DER, boolean: 0x01, octetString: 0x04, utcTime: 0x17 } as const;

/** The one value that these bytes are; undefined when they are no DER, or more than one value. */
export function readValue(bytes: Uint8Array): DerValue | undefined {
  return readWhole(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), readDer) ?? undefined;
}

/** The values within a constructed one; empty when they cannot be read. */
export function valuesIn(value: DerValue | undefined): DerValue[] {
  return value === undefined ? [] : (readDerValues(value.content) ?? []);
}

/** `1.2.840.113549` of an object identifier; empty for anything else. */
export function oidOf(value: DerValue | undefined): string {
  return value?.tag === TAG.oid ? (readOid(value.content) ?? '') : '';
}
