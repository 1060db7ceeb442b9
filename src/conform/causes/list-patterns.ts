import type { CausePattern } from './cause-pattern.ts';
import { ANSWERS_ALIKE, NOTHING_PROCESSED } from './indifference.ts';
import {
  AS_VENDOR_SPELLS_ALONE,
  FAILS_AT_EVERYTHING,
  NO_SUCCESS,
  REFUSES_EVERYTHING,
  ONE_SPELLING,
  ANOTHER_FORM,
} from './refusal-of-all.ts';
import { NOT_TRIED, SILENT } from './silence.ts';
import { LIMITED_OR_REFUSED, RATE_LIMITED, REFUSES_WITH_429 } from './too-many-requests.ts';
import {
  CUTS_OFF_FORGERIES,
  FAILS_AT_FORGERIES,
  NOTHING_VERIFIED,
  ONLY_PRESENCE,
  ONLY_WHERE_SIGNED,
  PROCESSED_BEFORE_VERIFIED,
  WELCOMED,
} from './verification.ts';
import { BROKEN } from './breakdown.ts';
import { BEYOND_ASCII, SOME_EVENTS } from './common-trait.ts';

/** In the order they are looked for: what explains more comes first. */
export const PATTERNS: readonly CausePattern[] = [
  NOT_TRIED,
  RATE_LIMITED,
  BROKEN,
  ANSWERS_ALIKE,
  ONE_SPELLING,
  AS_VENDOR_SPELLS_ALONE,
  ANOTHER_FORM,
  LIMITED_OR_REFUSED,
  REFUSES_EVERYTHING,
  FAILS_AT_EVERYTHING,
  NO_SUCCESS,
  NOTHING_PROCESSED,
  NOTHING_VERIFIED,
  PROCESSED_BEFORE_VERIFIED,
  WELCOMED,
  ONLY_PRESENCE,
  ONLY_WHERE_SIGNED,
  FAILS_AT_FORGERIES,
  CUTS_OFF_FORGERIES,
  REFUSES_WITH_429,
  BEYOND_ASCII,
  SOME_EVENTS,
  SILENT,
];
