import type { Ora } from 'ora';

/** Shorter waits are over before anybody wonders. */
const PATIENCE_MS = 300;

/** A line that says what is being waited for. */
export interface Progress {
  show(text: string): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

const SILENT: Progress = { show: () => undefined, clear: () => undefined };

/**
 * On a terminal a spinner on stderr, once a wait is long enough to be noticed; elsewhere nothing, and nothing is
 * loaded.
 */
export function startProgress(): Progress {
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') return SILENT;
  let spinner: Ora | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted: string | null = null;
  const spin = async (): Promise<void> => {
    const { default: ora } = await import('ora');
    // Ctrl-C is ours: ora would take the terminal's input away from it.
    spinner ??= ora({ stream: process.stderr, discardStdin: false });
    if (wanted !== null) spinner.start(wanted);
  };
  return {
    show(text) {
      wanted = text;
      if (spinner !== undefined) spinner.start(text);
      else timer ??= setTimeout(() => void spin(), PATIENCE_MS).unref();
    },
    clear() {
      wanted = null;
      spinner?.stop();
    },
  };
}
