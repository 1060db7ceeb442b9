export const WEBHOOKS: Readonly<Record<'shop' | 'lists' | 'mail' | 'inbox', string>>;
export function openAnswering(): Promise<{ origin: string; close: () => void }>;
export interface RunOptions {
  cwd: string;
  codes?: readonly number[];
  input?: string | Buffer;
  variables?: Readonly<Record<string, string>>;
}
/** Its standard output. Rejects unless it ends with one of `codes` (0). */
export function run(bin: string, program: string, args: readonly string[], options: RunOptions): Promise<Buffer>;
export function writeHistory(bin: string, folder: string): Promise<void>;
