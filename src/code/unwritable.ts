import { AppError } from '../model/error.ts';

/** What is signed, or how, in words: `the receiver has no code for …`. */
export function unwritable(what: string): never {
  throw new AppError('usage', `no receiver can be written yet: ${what}`, {
    hint: 'webhook events VENDOR says how it signs; docs/receiving.md says what is written',
  });
}
