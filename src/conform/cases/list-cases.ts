import { hasTraits } from '../../vendors/traits.ts';
import { textFor, type CaseTemplate, type ConformanceCase, type Group, type Setting } from '../conformance-case.ts';
import { assumptionsOf, severityOf } from '../severity.ts';
import { handshakeCases } from './accept-handshake.ts';
import { BATCH_CASES } from './accept-batch.ts';
import { DELIVERY_CASES } from './accept-delivery.ts';
import { eventCases, PAYLOAD_CASES } from './accept-payload.ts';
import { LOST_EVENT_CASES } from './lost-events.ts';
import { ALGORITHM_CASES } from './refuse-algorithm.ts';
import { AMBIGUITY_CASES } from './refuse-ambiguity.ts';
import { CALLBACK_CASES } from './refuse-callback.ts';
import { ADDRESS_CASES, CALLER_CASES } from './refuse-caller.ts';
import { JWT_CASES } from './refuse-jwt.ts';
import { REPLAY_CASES, WINDOW_CASES } from './refuse-replay.ts';
import { REQUEST_CASES } from './refuse-request.ts';
import { BYPASS_CASES, SIGNATURE_CASES } from './refuse-signature.ts';
import { SIGNED_PART_CASES, UNSIGNED_TIME_CASES } from './refuse-signed-parts.ts';
import { STATIC_SECRET_CASES } from './refuse-static-secret.ts';
import { ROBUST_CASES } from './robust.ts';
import { ROTATION_CASES, SCHEME_CASES } from './rotation.ts';
import { TOLD_CASES } from './told.ts';

export const GROUPS = ['accept', 'refuse', 'robust'] as const;

/** Every case that applies, in the order they are shown. */
export function listCases(setting: Setting): ConformanceCase[] {
  const cases: Record<Group, readonly CaseTemplate[]> = {
    accept: [
      ...handshakeCases(setting),
      ...eventCases(setting.vendor),
      ...PAYLOAD_CASES,
      ...DELIVERY_CASES,
      ...ROTATION_CASES,
      ...BATCH_CASES,
      ...LOST_EVENT_CASES,
    ],
    refuse: [
      ...SIGNATURE_CASES,
      ...STATIC_SECRET_CASES,
      ...SIGNED_PART_CASES,
      ...CALLBACK_CASES,
      ...WINDOW_CASES,
      ...AMBIGUITY_CASES,
      ...SCHEME_CASES,
      ...ALGORITHM_CASES,
      ...JWT_CASES,
      ...REPLAY_CASES,
      ...UNSIGNED_TIME_CASES,
      ...BYPASS_CASES,
      ...REQUEST_CASES,
      ...CALLER_CASES,
      ...TOLD_CASES,
    ],
    robust: ROBUST_CASES,
  };
  return GROUPS.flatMap((group) =>
    cases[group].filter((one) => applies(one, setting)).map((one) => resolve(one, group, setting)),
  );
}

/**
 * The claims of an address alone, whether requests are signed or not: an endpoint may check the caller's address beside
 * the signature.
 */
export function listAddressCases(setting: Setting): ConformanceCase[] {
  return ADDRESS_CASES.map((template) => resolve(template, 'refuse', setting));
}

function applies({ appliesTo, needs = [] }: CaseTemplate, setting: Setting): boolean {
  return hasTraits(setting.vendor, appliesTo) && needs.every((need) => setting[need]);
}

function resolve(template: CaseTemplate, group: Group, { vendor }: Setting): ConformanceCase {
  const { reference = vendor.documentation, told } = template;
  return {
    ...template,
    title: textFor(template.title, vendor),
    mistake: textFor(template.mistake, vendor),
    fix: textFor(template.fix, vendor),
    told: told === undefined ? undefined : textFor(told, vendor),
    group,
    reference,
    severity: severityOf(template, vendor),
    assumptions: assumptionsOf(template, vendor),
  };
}

export interface CaseChoice {
  /** Ids, ids with `*`, or names of groups; empty is all. */
  only: readonly string[];
  skip: readonly string[];
}

/** The cases that are wanted, in their order. */
export function selectCases(cases: readonly ConformanceCase[], { only, skip }: CaseChoice): ConformanceCase[] {
  return cases.filter(
    (one) =>
      (only.length === 0 || only.some((pattern) => isMeant(one, pattern))) &&
      !skip.some((pattern) => isMeant(one, pattern)),
  );
}

/** The patterns that mean none of the cases. */
export function listStray(cases: readonly CaseName[], patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => !cases.some((one) => isMeant(one, pattern)));
}

export type CaseName = Pick<ConformanceCase, 'id' | 'group'>;

function isMeant({ id, group }: CaseName, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === group || wanted === id.toLowerCase()) return true;
  return wanted.includes('*') && matchesGlob(id.toLowerCase(), wanted);
}

/** `*` stands for any text. In parts and not as an expression: no pattern of a user's can make it slow. */
function matchesGlob(text: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
