import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/model/json.ts';

/** A vendor that signs text, time and body, with one event. */
export const ACME: JsonObject = {
  id: 'acme',
  title: 'Acme',
  events: [
    {
      name: 'order.created',
      sample: { id: 'a1', total: 12.5, paid: true, note: null, buyer: { name: 'Mia', tags: ['x'] }, extra: {} },
      generated: { id: { id: 'uuid' } },
      idField: 'id',
    },
    { name: 'order.paid', sample: { id: 'a1', at: '' }, generated: { at: { time: 'iso' } } },
  ],
  signature: {
    value: {
      algorithm: 'hmac-sha256',
      message: ['timestamp', { text: '.' }, 'body'],
      at: { header: 'X-Acme-Signature' },
      format: 't={t},v1={v}',
      timestamp: { unit: 's', toleranceMs: { value: 300_000 } },
    },
  },
};

/** Writes a vendor file, or any text, and returns its path. */
export function writeVendor(folder: string, name: string, content: JsonObject | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}
