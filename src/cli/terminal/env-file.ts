import { Option } from 'commander';
import { readEnvFile, type Variables } from '../../config/env-file.ts';
import { shareFlag } from './command-spec.ts';

export interface EnvFileFlags {
  envFile?: string[];
}

/** Of the files, the later ones over the earlier. */
let fromFiles: Variables = {};

/** For every command that reads a secret from a variable. */
export function envFileFlag(): Option {
  const option = new Option(
    '--env-file <file>',
    'set the variables in this .env file; existing ones are kept (repeatable)',
  )
    .helpGroup('Secret:')
    .argParser((path: string, previous: string[] = []) => {
      fromFiles = { ...fromFiles, ...readEnvFile(path) };
      return [...previous, path];
    });
  return shareFlag(option, 'secrets');
}

/** Those of this process, and behind them those of `--env-file`. */
export const environmentVariables = (): NodeJS.ProcessEnv =>
  Object.keys(fromFiles).length === 0 ? process.env : { ...fromFiles, ...process.env };
