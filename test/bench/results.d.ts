/** What a part measured, as results.js makes it of a row. */
export interface BenchResult {
  part: string;
  name: string;
  skipped?: string;
  ratio?: number | null;
  budget?: string;
  pass?: boolean;
  isMissed?: boolean;
}

export function toResult(part: string, row: object): BenchResult;
export function describeMachine(environment: object): Record<string, unknown>;
export function lineOf(result: BenchResult): string;
export function quoteRun(page: string, run: { machine: object; results: readonly BenchResult[] }): string;
