import { hideSecretHeader } from '../../model/header.ts';
import { hideCredentials } from '../../model/http-url.ts';
import { nameSecret } from '../../model/secret-name.ts';

/**
 * commander repeats what a flag was given: a URL with credentials, or a header with a secret value.
 * @param argv the whole command line, with names of secrets in it
 */
export function hideGiven(message: string, argv: readonly string[]): string {
  nameMasked(argv);
  return message.replace(/(?<= argument ').*(?=' is invalid)/s, (given) => {
    const [, name = '', between = '', value = ''] = /^([^\s:=?/]+)(\s*[:=]\s*)(.*)$/s.exec(given) ?? [];
    return name === '' ? hideCredentials(given) : name + between + hideSecretHeader([name, value])[1];
  });
}

/** Where parsing ended, `--mask` may not have been read yet. */
function nameMasked(argv: readonly string[]): void {
  argv.forEach((word, at) => {
    if (word === '--mask') nameSecret(argv[at + 1] ?? '');
    else if (word.startsWith('--mask=')) nameSecret(word.slice('--mask='.length));
  });
}
