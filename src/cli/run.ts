import packageJson from '../../package.json' with { type: 'json' };
import { exitCodeOf, leave, leaveUnread, type ExitCode } from './terminal/exit.ts';
import { finishOutput, ReaderLeft, say, watchOutput } from './terminal/output.ts';
import { renderError } from './terminal/error.ts';

/** Every spelling that people try first. */
export const VERSION_FLAGS: readonly string[] = ['--version', '-V', '-v'];

/** What a report of a bug begins with. */
export const versionText = (): string =>
  `${packageJson.name} ${packageJson.version} (Node ${process.versions.node}, ${process.platform} ${process.arch})`;

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
