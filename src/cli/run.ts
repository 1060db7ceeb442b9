import { endQuietlyOnClosedPipe, exitCodeOf, leave, type ExitCode } from './exit.ts';
import { say } from './output.ts';
import { renderError } from './render/error.ts';

/** The outermost frame of each program: whatever happens inside becomes output and an exit code here. */
export async function run(program: () => Promise<ExitCode>): Promise<void> {
  endQuietlyOnClosedPipe();
  try {
    leave(await program());
  } catch (error) {
    say(await renderError(error));
    leave(exitCodeOf(error));
  }
}
