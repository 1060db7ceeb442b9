import { AppError } from '../../model/error.ts';
import { inOwnName } from './program-name.ts';
import { plainText } from './text.ts';

const REPORT_TO = 'the issue tracker of hookproof';

/** An error as a person reads it: what failed, the nearest name, what to do next. */
export async function renderError(error: unknown): Promise<string> {
  if (!(error instanceof AppError)) return renderBug(error);
  const lines = [`error: ${plainText(error.message)}`];
  if (error.unknown) {
    const { nearestNames } = await import('./names.ts');
    const near = nearestNames(error.unknown.given, error.unknown.among);
    if (near.length > 0) lines.push(`  did you mean ${near.join(' or ')}?`);
  }
  const steps = [error.hint, ...(error.thenAgain ? ['run this again'] : [])].filter(Boolean).join(', then ');
  if (steps !== '') lines.push(`  ${plainText(inOwnName(steps)).replaceAll('\n', '\n  ')}`);
  return lines.join('\n');
}

function renderBug(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const request = `Please report this, with the lines below, to ${REPORT_TO}.`;
  return `bug: hookproof failed unexpectedly. ${request}\n${plainText(stack)}`;
}
