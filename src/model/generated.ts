/**
 * What is made anew for every event instead of taken from the example. A field of type `string` gets it as a text, one
 * of a number as a number; a header always as a text.
 */
export type Generated = 'event-name' | GeneratedTime | GeneratedId | GeneratedNumber | MadeByCode;

/** When the event happened, in one of the forms that vendors write. */
export interface GeneratedTime {
  time: TimeForm;
  /** Whose clock shows it, such as `Europe/Prague`. Left out: UTC. */
  zone?: string;
  /** So much later (or, negative, earlier) than the event: when a pause ends. */
  offsetMs?: number;
  /** It is the date of the mail that the event is about, and tells nothing of the event's own. */
  of?: 'mail';
}

/**
 * `s`, `ms`: since 1970, in whole seconds or milliseconds · `s-decimal`: in seconds with decimals ·
 * `iso`: `2025-11-27T09:52:31Z` · `iso-ms`: with milliseconds · `rfc5322`: `Thu, 27 Nov 2025 09:52:31 +0000`.
 * Any other text is a template. In it stand for their values: `YYYY`, `MM`, `MMM` (Nov), `DD`, `ddd` (Thu), `HH`, `mm`,
 * `ss`, `SSS` (milliseconds), `SSSSSS`, `Z` (the letter in UTC, elsewhere the offset), `+hh:mm`, `+hhmm` (the offset).
 */
export type TimeForm = NamedTimeForm | (string & Record<never, never>);

export type NamedTimeForm = 's' | 'ms' | 's-decimal' | 'iso' | 'iso-ms' | 'rfc5322';

export interface GeneratedId {
  /**
   * `uuid` (version 4), `uuid-v7`, `ulid`, or a pattern of literal text and `[class]{count}`, such as
   * `msg_[a-zA-Z0-9]{27}`. It only looks like a regular expression.
   */
  id: string;
  /** The same wherever this pattern stands in one event, headers included. */
  shared?: true;
}

/** A whole number of at most so many decimal digits, never 0. */
export interface GeneratedNumber {
  digits: number;
}

/**
 * What code makes, because several values must agree with each other and with what is served.
 * - `uid`: number of a stored message, `raw-url`: where that message lies (agrees with `uid`)
 * - `attachment-id`, `attachment-url`: `<message-id>:<index>` and the signed link to its bytes
 */
export type MadeByCode = 'uid' | 'raw-url' | 'attachment-id' | 'attachment-url';
