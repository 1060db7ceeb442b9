import { AppError } from '../../model/error.ts';
import type { Place } from '../rules/server-rules.ts';

/** A configuration that Apache would not start with, or that is none. */
export function configError(
  { file, line }: Pick<Place, 'file' | 'line'>,
  message: string,
  hint = 'apachectl configtest tells what Apache itself thinks of it',
): AppError {
  return new AppError('input', `${file}:${line}: ${message}`, { hint });
}
