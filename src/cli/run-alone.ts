import type { Command } from 'commander';
import { runCommand } from './terminal/command.ts';
import { answer } from './terminal/output.ts';
import { run, VERSION_FLAGS, versionText } from './run.ts';

/** A program that is one command. */
export function runAlone(command: Command): void {
  const argv = process.argv.slice(2);
  void run(async () => {
    if (argv.length === 1 && VERSION_FLAGS.includes(argv[0] ?? '')) {
      answer(versionText());
      return 0;
    }
    if (argv[0] === '__complete') {
      const { answerCompletion, loadCommand } = await import('./completion/answer-completion.ts');
      const top = loadCommand(command.name());
      if (top !== null) await answerCompletion(argv.slice(1), top);
      return 0;
    }
    return runCommand(command.version(versionText(), '-V, --version', 'print the version'), argv);
  });
}
