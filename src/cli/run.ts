import { exitCodeOf, leave, leaveUnread, type ExitCode } from './terminal/exit.ts';
import { finishOutput, ReaderLeft, say, watchOutput } from './terminal/output.ts';
import { renderError } from './terminal/error.ts';

/** The outermost frame of each program: whatever happens inside becomes output and an exit code here. */
export async function run(program: () => Promise<ExitCode>): Promise<void> {
  watchOutput();
  try {
    const code = await program();
    await finishOutput();
    leave(code);
  } catch (error) {
    if (error instanceof ReaderLeft) return error.code === null ? leaveUnread() : leave(error.code);
    say(await renderError(error));
    leave(exitCodeOf(error));
  }
}
