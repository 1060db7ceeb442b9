import type { Ora } from 'ora';

/** A line that says what is being waited for. */
export interface Progress {
  tell(text: string): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

const SILENT: Progress = { tell: () => undefined, clear: () => undefined };

/** On a terminal a spinner on stderr, if it will be needed; elsewhere nothing, and nothing is loaded for it. */
export async function startProgress(isNeeded: boolean): Promise<Progress> {
  if (!isNeeded || !process.stderr.isTTY || process.env['TERM'] === 'dumb') return SILENT;
  const { default: ora } = await import('ora');
  // Ctrl-C is ours: ora would take the terminal's input away from it.
  const spinner: Ora = ora({ stream: process.stderr, discardStdin: false });
  return {
    tell(text) {
      spinner.text = text;
      if (!spinner.isSpinning) spinner.start();
    },
    clear: () => void spinner.stop(),
  };
}
