import { isObject, type JsonValue } from '../../model/json.ts';
import type { CapturedRequest } from './captured-request.ts';

type FormBody = Pick<CapturedRequest, 'body' | 'isCutOff' | 'notes'>;

/**
 * The body of a form of which a HAR has the fields and not the text. Writers of HARs differ in whether fields are
 * decoded, and senders in how a space is written: what has the length of the body that was sent is chosen.
 */
export function readFormParams(params: readonly JsonValue[], mimeType: string, sentBytes: number | null): FormBody {
  if (/^multipart\//i.test(mimeType)) return { body: new Uint8Array(), isCutOff: true, notes: [MULTIPART] };
  const fields = params.map((param) => {
    const { name = '', value = '' } = isObject(param) ? param : {};
    return [String(name), String(value)] as const;
  });
  const decoded = [encodeForm, encodePercent].map((encode) => joinFields(fields, encode));
  const asTheyAre = joinFields(fields, (text) => text);
  const written = fields.flat().every(isEncoded) ? [asTheyAre, ...decoded] : decoded;
  const [likeliest = asTheyAre] = written;
  const fitting = written.find((text) => Buffer.byteLength(text) === sentBytes);
  return { body: Buffer.from(fitting ?? likeliest, 'utf8'), isCutOff: false, notes: [PUT_TOGETHER] };
}

const MULTIPART =
  'the HAR has the fields of a multipart form but not its bytes; give the bytes that were sent with --body FILE';
const PUT_TOGETHER =
  'the HAR has the fields of a form but not its bytes: the body is rebuilt from them, and what was sent may be ' +
  'encoded differently';

function joinFields(fields: readonly (readonly [string, string])[], encode: (text: string) => string): string {
  return fields.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

/** Looks as a form has it on the wire, and not as its reader gets it. */
const isEncoded = (text: string): boolean => !/[^\w.~!*'()+%-]|%(?![\da-f]{2})/i.test(text);

const encodePercent = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

/** The serialiser of application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-serializing). */
const encodeForm = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
