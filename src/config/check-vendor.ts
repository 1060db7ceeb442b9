import {
  flattenParts,
  headerAt,
  holdsOfUrl,
  isInHeaders,
  isSamePlace,
  jwtOf,
  type MessagePart,
  type Signature,
} from '../model/signature.ts';
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';
import { fieldsOf, idHeaderOf } from '../vendors/facts.ts';
import { problemOfGenerated } from '../vendors/generated-forms.ts';
import { findJwtProblems } from './check-jwt.ts';
import { unknownName, type Problem } from './check-structure.ts';

/** What a vendor could not send, in what is complete: its own file, and what that extends. */
export function findUnsendable(vendor: Vendor): Problem[] {
  const { signature, furtherSignatures } = vendor;
  return [
    ...(signature.value === null ? [] : findSignatureProblems(signature.value, vendor, ['signature', 'value'])),
    ...(furtherSignatures?.value ?? []).flatMap((one, index) =>
      findSignatureProblems(one, vendor, ['furtherSignatures', 'value', index]),
    ),
    ...findHeaderProblems(vendor),
    ...findGeneratedProblems(vendor),
  ];
}

/** What is to be made anew, and cannot be. */
function findGeneratedProblems(vendor: Vendor): Problem[] {
  const ofHeaders = vendor.headers.flatMap(({ value }, index) =>
    typeof value === 'object' && 'generated' in value
      ? [{ path: ['headers', index, 'value', 'generated'], generated: value.generated }]
      : [],
  );
  const ofEvents = vendor.events.flatMap((event, index) =>
    fieldsOf(event).flatMap(({ path, field: { generated } }) =>
      generated === undefined ? [] : [{ path: ['events', index, 'generated', path], generated }],
    ),
  );
  return [...ofHeaders, ...ofEvents].flatMap(({ path, generated }) => {
    const message = problemOfGenerated(generated, vendor);
    return message === null ? [] : [{ path, message }];
  });
}

/** The field that a header repeats is in an event at least. */
function findHeaderProblems({ headers, events }: Vendor): Problem[] {
  const paths = pathsOf(events);
  return headers.flatMap(({ value }, index) =>
    typeof value === 'object' && 'field' in value && !paths.includes(value.field)
      ? [unknownName(['headers', index, 'value', 'field'], 'field', value.field, paths)]
      : [],
  );
}

function findSignatureProblems(signature: Signature, vendor: Vendor, path: Problem['path']): Problem[] {
  const parts = flattenParts(signature.message);
  return [
    ...findFormatProblems(signature, path),
    ...findJwtProblems(signature, path),
    ...findSeveralProblems(signature, path),
    ...findQueryProblems(signature, vendor, path),
    ...findProofProblems(signature, parts, path),
    ...findPartProblems(signature.message, signature, vendor, [...path, 'message']),
  ];
}

function findPartProblems(
  parts: readonly MessagePart[],
  signature: Signature,
  vendor: Vendor,
  path: Problem['path'],
): Problem[] {
  return parts.flatMap((part, index) =>
    flattenParts([part]).flatMap((one) => {
      const reason = whyUnmakable(one, signature, vendor);
      const at = [...path, index];
      return reason === null ? findFieldProblem(one, signature, vendor, at) : [{ path: at, message: reason }];
    }),
  );
}

function findFormatProblems(signature: Signature, path: Problem['path']): Problem[] {
  const { format, timestamp } = signature;
  const at = [...path, 'format'];
  const isJwt = jwtOf(signature) !== null;
  const inFormat = timestamp !== undefined && timestamp.at === undefined && !isJwt;
  return [
    ...(format.includes('{v}') ? [] : [{ path: at, message: 'expected {v} in it, the place of the signature' }]),
    ...(inFormat && !format.includes('{t}')
      ? [{ path: at, message: 'expected {t} in it, or "at" of the timestamp: the time must be somewhere' }]
      : []),
    ...(timestamp === undefined && !isJwt && format.includes('{t}')
      ? [{ path: at, message: 'it has {t}, but no "timestamp" says what time that is' }]
      : []),
  ];
}

const isOfQuery = (part: MessagePart): boolean => holdsOfUrl(part, 'query');

/** What is added to the URL is made of the rest of the request, and signed with it. */
function findQueryProblems(signature: Signature, vendor: Vendor, path: Problem['path']): Problem[] {
  const { addedQuery = {}, message, at } = signature;
  const here = [...path, 'addedQuery'];
  const names = Object.keys(addedQuery);
  if (names.length === 0) return [];
  if (path[0] !== 'signature') return [{ path: here, message: 'what is added to the URL belongs to "signature"' }];
  const isSigned = flattenParts(message).some(isOfQuery);
  return [
    ...(isSigned
      ? []
      : [{ path: here, message: 'the query is not signed: expected "url", "query" or "target" in message' }]),
    ...('query' in at && names.includes(at.query) ? [{ path: here, message: `${at.query} holds the signature` }] : []),
    ...Object.entries(addedQuery).flatMap(([name, parts]) =>
      flattenParts(parts).some(isOfQuery)
        ? [{ path: [...here, name], message: 'it cannot hold the query that it is added to' }]
        : findPartProblems(parts, signature, vendor, [...here, name]),
    ),
  ];
}

/** How several signatures stand in one request has to be known, and a header of its own to be named. */
function findSeveralProblems({ several, at, format }: Signature, path: Problem['path']): Problem[] {
  if (several === undefined) return [];
  const here = [...path, 'several'];
  if (!isInHeaders(several))
    return several.separator === undefined
      ? [{ path: here, message: 'expected "separator" in it: what separates the signatures' }]
      : [];
  const header = headerAt(at);
  const listed = several.headers ?? [];
  return [
    ...(several.repeat === 'numbered-header' && !/[^\d]\d+$/.test(header ?? '')
      ? [{ path: [...path, 'at'], message: 'expected the first of the numbered headers: "X-Acme-Signature-1"' }]
      : []),
    ...(several.repeat === 'other-headers' && (header === null || listed.length === 0)
      ? [{ path: here, message: 'expected a header in "at", and the names of the others in "headers"' }]
      : []),
    ...(format.includes('{t}')
      ? [
          {
            path: [...path, 'format'],
            message: 'each header would have its own time: expected "at" of the timestamp instead',
          },
        ]
      : []),
  ];
}

/** What everybody could make, or nobody, is no signature. */
function findProofProblems({ algorithm }: Signature, parts: readonly MessagePart[], path: Problem['path']): Problem[] {
  // A JWT says itself of these that it has no such name for them.
  if (parts.some((part) => typeof part === 'object' && 'jwt' in part)) return [];
  const needsSecret = algorithm === 'token' || /^(?:md5|sha\d+)$/.test(algorithm);
  if (!needsSecret || parts.includes('secret')) return [];
  return [
    {
      path: [...path, 'message'],
      message: `expected the part "secret" in it: otherwise anyone could compute ${algorithm}`,
    },
  ];
}

/** Why the vendor's requests have no such part; null where they have. */
function whyUnmakable(part: MessagePart, signature: Signature, vendor: Vendor): string | null {
  if (part === 'timestamp' && signature.timestamp === undefined)
    return 'the message contains the timestamp, but no "timestamp" says where it is';
  if (part === 'id' && idHeaderOf(vendor) === null)
    return (
      'the message contains the id of the event, but no header has one: ' +
      '{ "name": "…", "value": { "generated": { "id": "uuid" } } }'
    );
  if (typeof part === 'string') return null;
  if ('header' in part && !listHeaderNames(signature, vendor).includes(part.header.toLowerCase()))
    return `the message contains the header ${part.header}, but "headers" has none with this name`;
  const { format } = bodyFormatOf(vendor);
  const readsForm = 'form' in part || ('fields' in part && part.from === 'form');
  return readsForm && !/^(?:form|multipart)/.test(format)
    ? 'the message contains form fields, but "body" does not say that bodies are forms'
    : null;
}

/** A value of the body that no event has, whatever its sample. */
function findFieldProblem(part: MessagePart, signature: Signature, vendor: Vendor, path: Problem['path']): Problem[] {
  if (typeof part === 'string') return [];
  // The place of the signature is there, whatever the samples have.
  if ('bodyWith' in part)
    return isSamePlace(part.bodyWith, signature.at) ? [] : findFieldProblem(part.bodyWith, signature, vendor, path);
  const name = 'json' in part ? part.json : 'form' in part ? part.form : null;
  if (name === null || isFromBatch(name, vendor)) return [];
  const fields = vendor.events.map((event) => event.fields);
  if ('json' in part && fields.some((list) => mayHave(list, name.split('.')))) return [];
  if ('form' in part && fields.some((list) => mayHave(list, name.split(/[.[]/).slice(0, 1)))) return [];
  return [unknownName(path, 'field of the body', name, pathsOf(vendor.events))];
}

/** Of all fields, each once. */
const pathsOf = (events: readonly VendorEvent[]): string[] => [
  ...new Set(events.flatMap((event) => fieldsOf(event).map(({ path }) => path))),
];

/** What holds the events is no field of theirs. */
const isFromBatch = (name: string, { body, batch }: Vendor): boolean =>
  name === body?.value.field || (batch !== undefined && batch.value.shape !== 'array');

/**
 * Whether a body may have a value there: objects and lists whose inside is not described may hold any. Of what is null
 * in the sample nobody knows what else it may be.
 */
function mayHave(fields: readonly Field[], [step, ...below]: readonly string[]): boolean {
  const field = fields.find(({ name }) => name === step);
  if (field === undefined || below.length === 0) return field !== undefined;
  if (field.fields !== undefined) return field.anyKeys === true || mayHave(field.fields, below);
  return field.type === 'object' || field.type === 'array' || field.nullable === true;
}

function listHeaderNames({ timestamp }: Signature, { headers }: Vendor): string[] {
  const time = timestamp?.at === undefined ? null : headerAt(timestamp.at);
  return [...headers.map(({ name }) => name), ...(time === null ? [] : [time])].map((name) => name.toLowerCase());
}
