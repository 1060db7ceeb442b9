import { announcedLength } from '../../model/header.ts';
import { headerValue, type CapturedRequest } from './captured-request.ts';

/**
 * What speaks against the bytes of a body, where whoever captured it may have written it anew. A signature over other
 * bytes does not fit, and nobody would see that the capture is to blame.
 */
export function noteBody(request: CapturedRequest): string[] {
  const { body } = request;
  const announced = announcedLength(request.headers);
  if (announced === null) return isLaidOut(body) ? [LAID_OUT] : [];
  if (announced === body.byteLength) return [];
  // A chunked body has no length of its own: one that is announced all the same is that of another hop.
  if (headerValue(request, 'transfer-encoding') !== undefined) return [];
  return [otherLength(announced, body.byteLength, headerValue(request, 'content-encoding'))];
}

/** `where` says by whom so many bytes were counted. */
export function otherLength(sent: number, captured: number, encoding?: string, where = 'Content-Length says'): string {
  const why =
    encoding === undefined || encoding === 'identity'
      ? ''
      : `; it was sent compressed (${encoding.slice(0, 20)}) and may have been decompressed`;
  const difference = `${where} ${sent} bytes of body, but the capture has ${captured}`;
  return `${difference}: these are not the bytes that were sent${why}`;
}

const LAID_OUT =
  'the body is multi-line JSON of unknown length: if it was formatted for reading, these are not the bytes that ' +
  'were sent';

/** The beginning of an object or list with a line break behind it, as JSON is written for reading. */
function isLaidOut(body: Uint8Array): boolean {
  return /^\s*[{[]\s*\n\s/.test(Buffer.from(body.subarray(0, 200)).toString('latin1'));
}
