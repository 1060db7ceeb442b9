import type { Header } from '../../model/plan.ts';
import {
  furtherHeaders,
  isInHeaders,
  isSignatureHeader,
  numberedName,
  separatorOf,
  type Signature,
} from '../../model/signature.ts';
import { readPlace, writePlace, type PlacedRequest } from './place.ts';

/** What says where the signatures stand. */
type PlacedSignature = Pick<Signature, 'at' | 'several'>;

/**
 * The texts at the place of the signature, in their order. Signatures in headers of their own are one text, with a line
 * for each; what stands in one of these headers again is a text beside it.
 */
export function readSignatureTexts(spec: PlacedSignature, request: PlacedRequest): string[] {
  const { at, several } = spec;
  if (several === undefined || !('header' in at) || !isInHeaders(several)) return readPlace(at, request);
  const values = new Map<string, string>();
  const again: string[] = [];
  for (const [name, value] of request.headers) {
    if (!isSignatureHeader(spec, name)) continue;
    const lower = name.toLowerCase();
    if (values.has(lower)) again.push(value);
    else values.set(lower, value);
  }
  if (values.size === 0) return [];
  const names = [...values.keys()].toSorted((one, other) => rankOf(spec, one) - rankOf(spec, other));
  return [names.map((name) => values.get(name)?.trim() ?? '').join(separatorOf(several)), ...again];
}

/** The request with this text for its signature, or with none: each line in its header. */
export function writeSignatureText<T extends PlacedRequest>(spec: PlacedSignature, request: T, text: string | null): T {
  const { at, several } = spec;
  if (several === undefined || !('header' in at) || !isInHeaders(several)) return writePlace(at, request, text);
  const others = request.headers.filter(([name]) => !isSignatureHeader(spec, name));
  const lines = text?.split(separatorOf(several)) ?? [];
  return { ...request, headers: [...others, ...lines.map((line, index): Header => [nameOf(spec, index), line])] };
}

/** The name of the header with the signature of this number. */
function nameOf({ at, several }: PlacedSignature, index: number): string {
  const first = 'header' in at ? at.header : '';
  return index === 0 ? first : (furtherHeaders({ at, several })[index - 1] ?? first);
}

/** In which order they count: by their numbers, or as they are listed. */
function rankOf({ at, several }: PlacedSignature, lowerName: string): number {
  if (several?.repeat !== 'numbered-header')
    return several?.headers?.findIndex((name) => name.toLowerCase() === lowerName) ?? 0;
  return 'header' in at ? Number(lowerName.slice(numberedName(at.header).length)) : 0;
}
