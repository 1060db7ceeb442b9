import { ACCEPT_CASES, eventCases } from './accept-cases.ts';
import type { CaseTemplate, ConformanceCase, Group, Setting } from './conformance-case.ts';
import { FORM_CASES, SIGNATURE_CASES } from './refuse-cases.ts';
import { ROBUST_CASES } from './robust-cases.ts';
import { ADDRESS_CASES, SPOOFING_CASES } from './spoofing-cases.ts';

/** Every case that applies, in the order they are told. */
export function listCases(setting: Setting): ConformanceCase[] {
  const byGroup: readonly (readonly [Group, readonly CaseTemplate[]])[] = [
    ['accept', [...eventCases(setting.vendor), ...ACCEPT_CASES]],
    ['refuse', [...SIGNATURE_CASES, ...FORM_CASES, ...SPOOFING_CASES]],
    ['robust', ROBUST_CASES],
  ];
  return byGroup.flatMap(([group, templates]) =>
    templates.filter(({ applies }) => applies?.(setting) ?? true).map((template) => resolve(template, group, setting)),
  );
}

/**
 * The claims of an address alone, whether requests are signed or not: an endpoint may look at the caller beside that.
 */
export function listAddressCases(setting: Setting): ConformanceCase[] {
  return ADDRESS_CASES.map((template) => resolve(template, 'refuse', setting));
}

function resolve(template: CaseTemplate, group: Group, { vendor }: Setting): ConformanceCase {
  const { severity, reference = vendor.documentation } = template;
  return { ...template, group, reference, severity: typeof severity === 'function' ? severity(vendor) : severity };
}
