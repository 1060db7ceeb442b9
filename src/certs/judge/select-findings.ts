import type { Finding, Server } from '../../model/finding.ts';
import { CHECKS, type CheckId } from '../checks.ts';
import { makeFinding } from './finding.ts';

const IDS = Object.keys(CHECKS) as CheckId[];

/** Which findings are wanted: `--only` and `--skip`. */
export interface FindingChoice {
  only: readonly CheckId[];
  skip: readonly CheckId[];
}

export const isWanted = (id: CheckId, { only, skip }: FindingChoice): boolean =>
  (only.length === 0 || only.includes(id)) && !skip.includes(id);

/** The findings in the order of the checks, with a skip for each check that gave none; `whyNot` says its reason. */
export function selectFindings(
  findings: readonly Finding[],
  choice: FindingChoice,
  whyNot: (id: CheckId) => string,
): Finding[] {
  return IDS.filter((id) => isWanted(id, choice)).flatMap((id) => {
    const found = findings.filter((finding) => finding.id === id);
    return found.length > 0 ? found : [makeFinding(CHECKS[id], null, { status: 'skip', detail: whyNot(id) }, 0)];
  });
}

/** The same, with the changes for one server alone. */
export function narrowFixes(findings: readonly Finding[], server: Server | undefined): Finding[] {
  return findings.map((finding) =>
    server === undefined
      ? finding
      : { ...finding, serverFixes: finding.serverFixes.filter((fix) => fix.server === server) },
  );
}
