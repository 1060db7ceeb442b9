import { FROM_FLAG } from '../../config/secrets.ts';
import type { VerifiedCapture } from '../../flows/receive/verify-capture.ts';
import type { SignatureDiagnosis } from '../../sign/diagnosis.ts';
import { hideQuerySecrets } from '../../model/http-url.ts';
import { painter } from '../terminal/color.ts';
import { plainLine, wrapText } from '../terminal/text.ts';

/** A captured request as a person reads it: the verdict, why, and what to change. */
export function renderVerified({ request, vendor, isRecognised, secretFrom, diagnosis }: VerifiedCapture): string {
  const { verdict, cause, explanation, fix } = diagnosis;
  const paint = painter(process.stdout);
  const head = [
    paintVerdict(verdict),
    vendor === null ? 'nobody known' : `${vendor.title}${isRecognised ? ' (recognised)' : ''}`,
    plainLine(`${request.method} ${hideQuerySecrets(request.path)}`).slice(0, 200),
    ...(cause === null ? [] : [cause]),
  ];
  return [
    head.join('  '),
    ...wrapText(plainLine(explanation), '  '),
    ...(secretFrom === null || secretFrom === FROM_FLAG ? [] : [paint.dim(`  secret  of ${plainLine(secretFrom)}`)]),
    ...(fix === null ? [] : wrapText(plainLine(fix), '  fix     ')),
  ].join('\n');
}

/** `3 valid, 1 forged` */
export function renderVerifiedCounts(verified: readonly VerifiedCapture[]): string {
  const counts = new Map<string, number>();
  for (const { diagnosis } of verified) counts.set(diagnosis.verdict, (counts.get(diagnosis.verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}

function paintVerdict(verdict: SignatureDiagnosis['verdict']): string {
  const paint = painter(process.stdout);
  return { valid: paint.green, stale: paint.yellow, forged: paint.red, missing: paint.red, unsigned: paint.yellow }[
    verdict
  ](verdict);
}
