import type { Finding } from '../model/finding.ts';

export interface Labelled {
  label: string;
  text: string;
  /** Lines of a configuration file, to be kept as they are. */
  isChange: boolean;
}

/** What lies below the detail of a finding, in the order in which every reporter tells it. */
export function describeFinding({
  expected,
  observed,
  mistake = null,
  fix,
  serverFixes,
  reproduce = null,
}: Finding): Labelled[] {
  const told = [
    ['expected', expected],
    ['observed', observed],
    ['mistake', mistake],
    ['fix', fix],
  ] as const;
  return [
    ...told.flatMap(([label, text]) => (text === null ? [] : [{ label, text, isChange: false }])),
    ...serverFixes.map(({ server, change }) => ({ label: server, text: change, isChange: true })),
    ...(reproduce === null ? [] : [{ label: 'again', text: reproduce, isChange: true }]),
  ];
}

/** All of a finding as text, for documents; what has several lines is indented below its label. */
export function findingText(finding: Finding): string {
  const { detail, reference } = finding;
  const lines = describeFinding(finding).map(({ label, text }) =>
    text.includes('\n') ? `${label}:\n  ${text.replaceAll('\n', '\n  ')}` : `${label}: ${text}`,
  );
  return [detail, ...lines, ...(reference === null ? [] : [`reference: ${reference}`])].join('\n');
}
