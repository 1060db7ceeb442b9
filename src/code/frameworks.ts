import { AppError } from '../model/error.ts';
import { express } from './express.ts';
import { flask } from './flask.ts';
import { php } from './php.ts';
import type { Framework } from './receiver-parts.ts';

/** Every framework that receivers are written for. */
export const FRAMEWORKS: readonly Framework[] = [express, flask, php];

/** Throws AppError `usage` for an unknown one. */
export function findFramework(id: string): Framework {
  const found = FRAMEWORKS.find((one) => one.id === id);
  if (found !== undefined) return found;
  const among = FRAMEWORKS.map((one) => one.id);
  throw new AppError('usage', `no receiver is written for ${JSON.stringify(id)}`, {
    hint: `--for with one of: ${among.join(', ')}`,
    unknown: { given: id, among },
  });
}
