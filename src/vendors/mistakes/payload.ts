import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes with what the body says. */
export const PAYLOAD_MISTAKES = {
  'crashes-on-malformed-json': {
    text: 'answering 500 to a body that is not JSON',
    appliesTo: 'json-body',
    foundBy: ['malformed-json', 'empty-body'],
  },
  'crashes-on-null': {
    text: 'answering 500 to JSON that is not an object',
    appliesTo: 'json-text',
    foundBy: ['json-not-object'],
  },
  'accepts-anything': {
    text: 'answering success to a body that could not be read: the event is lost',
    appliesTo: 'json-body',
    foundBy: ['malformed-json', 'json-not-object', 'empty-body'],
  },
  'crashes-on-invalid-utf8': {
    text: 'answering 500 to bytes that are not UTF-8',
    appliesTo: 'raw-json',
    foundBy: ['invalid-utf8'],
  },
  'crashes-on-deep-nesting': {
    text: 'answering 500 to deep nesting',
    appliesTo: 'raw-json',
    foundBy: ['deep-nesting'],
  },
  'crashes-on-duplicate-keys': {
    text: 'answering 500 to duplicate keys',
    appliesTo: 'raw-json',
    foundBy: ['duplicate-keys'],
  },
  'crashes-on-many-keys': {
    text: 'answering 500 to very many keys',
    appliesTo: 'raw-json',
    foundBy: ['many-keys'],
  },
  'crashes-on-huge-numbers': {
    text: 'answering 500 to numbers beyond 64 bits',
    appliesTo: 'json-body',
    foundBy: ['huge-numbers'],
  },
  'three-byte-unicode': {
    text: 'storing text as three-byte UTF-8 (MySQL utf8): an emoji is answered 500',
    appliesTo: 'prose',
    foundBy: ['unicode'],
  },
  'blocks-escapes': {
    text: 'using a filter that mistakes JSON escapes for an attack',
    appliesTo: ['raw-json', 'escapable-text'],
    foundBy: ['json-escaped'],
  },
  'reads-by-pattern': {
    text: 'reading fields with a regex instead of a JSON parser: white space between tokens breaks it',
    appliesTo: 'raw-json',
    foundBy: ['json-spaced'],
  },
  'unknown-event-fails': {
    text: 'failing on an event it does not know',
    appliesTo: 'event-names',
    foundBy: ['unknown-event'],
  },
  'knows-one-event': {
    text: 'knowing only the first event',
    appliesTo: ['several-events', 'tellable-events'],
    foundBy: ['event-full-*'],
  },
  'first-of-batch': {
    text: 'reading only the first of several events in one request: the others are lost',
    appliesTo: ['batches', 'countable'],
    foundBy: ['batch'],
  },
  'batch-in-order': {
    text: 'expecting the events of one request in chronological order',
    appliesTo: ['mixed-batches', 'event-names'],
    foundBy: ['batch-order'],
  },
  'batch-or-nothing': {
    text: 'refusing all events of a request because of one that it cannot read: the vendor resends them in vain',
    appliesTo: 'batches',
    foundBy: ['batch-bad-element'],
  },
  'crashes-on-odd-element': {
    text: 'answering 500 if one of several events is not an object',
    appliesTo: 'batches',
    foundBy: ['batch-odd-element'],
  },
  'final-refusal': {
    text: 'answering an event that it does not handle yet in a way that makes the vendor discard it for good',
    appliesTo: ['final-refusals', 'several-events', 'event-names'],
    foundBy: ['lost-for-good'],
  },
  'strict-values': {
    text: 'failing on an undocumented value',
    appliesTo: 'listed-values',
    foundBy: ['unknown-value'],
  },
  'sample-values-only': {
    text: "failing on every value except the one in the documentation's sample",
    appliesTo: 'listed-values',
    foundBy: ['unknown-value'],
  },
  'requires-every-field': {
    text: 'failing on a blank or missing field',
    appliesTo: 'optional-fields',
    foundBy: ['event-minimal-*', 'null-fields-assumed'],
  },
  'null-in-list': {
    text: 'failing on a null inside a list, such as the name of an attachment',
    appliesTo: 'null-in-list',
    foundBy: ['null-fields'],
  },
  'expects-numbers': {
    text: 'expecting numbers',
    appliesTo: 'numeric-ids',
    foundBy: ['event-full-*'],
  },
  'flat-addresses': {
    text: 'treating addresses as strings',
    appliesTo: 'address-objects',
    foundBy: ['event-full-*'],
  },
  'strict-schema': {
    text: 'refusing a field it does not know',
    appliesTo: 'structured-body',
    foundBy: ['unknown-field'],
  },
  'fresh-events-only': {
    text: 'refusing an event whose own date is old: genuine retries come until the end of the ladder',
    appliesTo: 'late-retries',
    foundBy: ['late-retry'],
  },
  'no-dedupe': {
    text: 'processing an event again when it is delivered again',
    foundBy: ['same-id-again'],
  },
  'conflict-on-repeat': {
    text: 'answering a repeated event with an error: the vendor keeps retrying',
    foundBy: ['same-id-again'],
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
