import { numberedName, type Signature } from '../../model/signature.ts';
import { headerValues } from '../scheme/place.ts';
import type { LearnSubject } from './learn-subject.ts';

/**
 * The same signature with others beside it in headers of the next numbers, where the request has such; where the name
 * alone says that it may, as a second reading.
 */
export function withNumberedHeaders(spec: Signature, { headers }: LearnSubject): Signature[] {
  const header = 'header' in spec.at ? spec.at.header : '';
  const base = numberedName(header);
  if (base === '' || base === header || spec.several !== undefined || spec.format.includes('{t}')) return [spec];
  const [own = ''] = headerValues(headers, header);
  // A hash of another length is of another version, and no number of a key.
  const numbers = headers
    .filter(([name, value]) => name.toLowerCase().startsWith(base.toLowerCase()) && value.length === own.length)
    .map(([name]) => name.slice(base.length))
    .filter((number) => /^\d{1,2}$/.test(number));
  const first = numbers.includes('0') ? '0' : '1';
  const numbered: Signature = {
    ...spec,
    at: { header: `${base}${first}` },
    several: { repeat: 'numbered-header' },
  };
  if (numbers.length > 1) return [numbered];
  return header.endsWith(`-${first}`) ? [spec, numbered] : [spec];
}
