import { AppError } from '../model/error.ts';
import { basicAuthorization, displayUrl, parseTarget } from './target.ts';

/**
 * The text that a URL of the user's own gives, such as a list for a test. Redirects are followed. Throws AppError
 * `unreachable`, or `refused` for any answer but a 2xx, or `input` when it is larger than `maxBytes`.
 */
export async function fetchText(target: string, { maxBytes, timeoutMs, signal }: { maxBytes: number; timeoutMs: number; signal?: AbortSignal }): Promise<string> {
  const url = parseTarget(target);
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
  try {
    const basic = basicAuthorization(url);
    [url.username, url.password] = ['', ''];
    const response = await fetch(url, { headers: basic === null ? {} : { authorization: basic }, signal: signal === undefined ? limit : AbortSignal.any([limit, signal]) });
    const text = await readAtMost(response, maxBytes, displayUrl(url));
    if (!response.ok) throw new AppError('refused', `${displayUrl(url)} answered ${response.status}`);
    return text;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = limit.aborted ? `no answer within ${timeoutMs} ms` : ((cause as { cause?: Error }).cause?.message ?? (cause as Error).message);
    throw new AppError('unreachable', `${displayUrl(url)} cannot be read: ${reason}`, { cause });
  }
}

async function readAtMost(response: Response, maxBytes: number, shown: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).byteLength;
    if (length > maxBytes) throw new AppError('input', `${shown} gives more than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
