import type { Ora } from 'ora';
import { usesColor } from './color.ts';
import { cutLine } from './display-width.ts';
import { columnsOf, plainLine } from './text.ts';
import { screenOf } from './stdio.ts';

/** Shorter waits are over before anybody wonders. With the time to load the spinner it stands there after 300 ms. */
const PATIENCE_MS = 150;
/** The turning sign and the space behind it, and the last column, which some terminals break at. */
const SIGN_COLUMNS = 3;
/** A spinner is taken away line by line: without a width it never ends doing so, and in a narrow one it is no help. */
const MIN_COLUMNS = 20;

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
  if (!hasRoom()) return SILENT;
  let spinner: Ora | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted: string | null = null;
  const spin = async (): Promise<void> => {
    spinner ??= await loadSpinner();
    if (wanted !== null && hasRoom()) spinner.start(fitLine(wanted));
  };
  return {
    show(text) {
      wanted = text;
      if (spinner !== undefined) void spin();
      else timer ??= setTimeout(() => void spin(), PATIENCE_MS).unref();
    },
    clear() {
      wanted = null;
      spinner?.stop();
    },
  };
}

/** A second line would stay behind when the first is taken away. */
const fitLine = (text: string): string => cutLine(plainLine(text), (columnsOf(screenOf(2)) ?? 0) - SIGN_COLUMNS);

async function loadSpinner(): Promise<Ora> {
  const { default: ora } = await import('ora');
  const { stderr } = process;
  // Ctrl-C is ours: ora would take the terminal's input away from it.
  const color = usesColor(stderr) ? 'cyan' : false;
  const spinner = ora({ stream: stderr, isEnabled: true, discardStdin: false, color });
  stderr.on('resize', () => {
    if (!hasRoom()) spinner.stop();
  });
  return spinner;
}

/** A runner that gives its commands a terminal keeps every turn of a spinner as a line of its log: `CI` says so. */
function hasRoom(): boolean {
  const { stderr, env } = process;
  const isWatched = stderr.isTTY && env['TERM'] !== 'dumb' && env['CI'] === undefined;
  return isWatched && (columnsOf(stderr) ?? 0) >= MIN_COLUMNS;
}
