import { AppError } from '../model/error.ts';

/**
 * The error where a secret is needed and none was given.
 * @param what what is signed: `MailKite signs its requests`
 * @param use ends the sentence: `sign with`, `verify with`
 * @param also continues the hint, which names the flags
 */
export function missingSecret(what: string, use: string, also = ''): AppError {
  return new AppError('usage', `${what}, and there is no secret to ${use}`, {
    hint: `name where it is: --secret-env NAME or --secret-file FILE${also}`,
  });
}
