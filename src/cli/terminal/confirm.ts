/** What a person at a terminal answers to a yes-or-no question; null where nobody is there. Only a yes is one. */
export async function confirm(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const { createInterface } = await import('node:readline');
  // Not as a terminal: the system goes on turning Ctrl-C into a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  process.stderr.write(`${question} [y/N] `);
  try {
    return await new Promise((resolve) => {
      lines.once('line', (line) => resolve(/^y(es)?$/i.test(line.trim())));
      lines.once('close', () => resolve(false));
    });
  } finally {
    lines.close();
  }
}
