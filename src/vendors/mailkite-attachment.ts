// What MailKite says of an attachment: the documentation that mailkite.ts names, and MailKite's public code.
import type { Field } from '../model/vendor.ts';

export const SAMPLE_ATTACHMENT = {
  filename: 'agenda – für Montag.txt',
  contentType: 'text/plain',
  text: 'Agenda\n\n1. Welcome\n2. Order 1042\n3. Any other business\n',
} as const;
export const SAMPLE_ATTACHMENT_BASE64 = 'QWdlbmRhCgoxLiBXZWxjb21lCjIuIE9yZGVyIDEwNDIKMy4gQW55IG90aGVyIGJ1c2luZXNzCg==';
export const SAMPLE_ATTACHMENT_BYTES = 55;

const MAY_BE_NULL = {
  text: 'null if the mail part has none',
  certainty: 'pub',
  about: 'null',
  source: 'https://github.com/mailkite/mailkite-inbound-inbox/blob/20d850a/src/core/types.ts',
  asOf: '2026-11-29',
} as const;

export const ATTACHMENT_FIELDS = [
  {
    name: 'id',
    type: 'string',
    certainty: 'doc',
    optional: true,
    generated: 'attachment-id',
    note: '<message id>:<index>',
    remarks: [{ text: 'absent with zero retention', certainty: 'pub', about: 'absence' }],
  },
  {
    name: 'filename',
    type: 'string',
    certainty: 'doc',
    nullable: true,
    example: SAMPLE_ATTACHMENT.filename,
    remarks: [MAY_BE_NULL],
  },
  {
    name: 'contentType',
    type: 'string',
    certainty: 'doc',
    nullable: true,
    example: SAMPLE_ATTACHMENT.contentType,
    remarks: [MAY_BE_NULL],
  },
  { name: 'size', type: 'integer', certainty: 'doc', example: SAMPLE_ATTACHMENT_BYTES, minimum: 0, note: 'bytes' },
  {
    name: 'url',
    type: 'string',
    certainty: 'doc',
    optional: true,
    generated: 'attachment-url',
    note: 'signed, plain GET, valid 7 days',
    remarks: [{ text: 'absent with zero retention', certainty: 'pub', about: 'absence' }],
  },
  {
    name: 'content',
    type: 'string',
    certainty: 'pub',
    optional: true,
    note: 'base64; only with zero retention, instead of url',
  },
] as const satisfies readonly Field[];
