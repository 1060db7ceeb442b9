import type { VendorTrait } from '../model/receiver-mistake.ts';
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { hasSureBlanks, sureNulls, unsureNulls } from './decisive-facts.ts';
import { bodyFormatOf, methodOf } from './body-facts.ts';
import {
  dateFieldOf,
  dateHeaderOf,
  eventFieldOf,
  eventHeaderOf,
  fieldsOf,
  hasEventIds,
  hasFixedId,
  idHeaderOf,
  idPathsOf,
  isSigned,
  keyPathsOf,
  ladderMs,
  listedFields,
  mediaTypesOf,
  proseFields,
  repeatsOf,
  secretPrefixOf,
  signatureHeaderOf,
  signatureOf,
  signaturePart,
  timeUnitOf,
  wantsCall,
} from './facts.ts';
import { finalStatus } from './retry-rule.ts';
import {
  addsToQuery,
  ages,
  encodingNameOf,
  futureWindowMs,
  hashOf,
  hasCasedSecret,
  hasDecodedKey,
  hasTextKey,
  hasUnsignedTime,
  isComputed,
  isJwt,
  isReusable,
  isStaticSecret,
  mayCarrySeveral,
  protectsContent,
  schemeWordOf,
  signsBody,
  signsEvent,
  signsId,
  signsMoreThanBody,
  signsUrl,
  signsUrlPart,
  timeHeaderOf,
} from './signing-facts.ts';

const HOUR_MS = 3_600_000;

const TRAITS: Record<VendorTrait, (vendor: Vendor) => boolean> = {
  authenticated: isSigned,
  unauthenticated: (vendor) => !isSigned(vendor),
  'static-secret': isStaticSecret,
  'cased-secret': hasCasedSecret,
  signature: isComputed,
  jwt: isJwt,
  'public-key-jwt': (vendor) => isJwt(vendor) && vendor.signature.value?.algorithm.startsWith('hmac-') === false,
  digest: (vendor) => hashOf(vendor) !== null,
  'compared-text': (vendor) => hashOf(vendor) !== null || isStaticSecret(vendor),
  'signature-header': (vendor) => signatureHeaderOf(vendor) !== null,
  'signed-body': signsBody,
  'signed-content': (vendor) => isComputed(vendor) && protectsContent(vendor),
  'unprotected-content': (vendor) => isSigned(vendor) && !protectsContent(vendor),
  'signed-event': signsEvent,
  timed: ages,
  'unsigned-time': hasUnsignedTime,
  'time-header': (vendor) => timeHeaderOf(vendor) !== null,
  'time-in-seconds': (vendor) => ages(vendor) && timeUnitOf(vendor) === 's',
  'time-in-milliseconds': (vendor) => ages(vendor) && timeUnitOf(vendor) === 'ms',
  'numeric-time': (vendor) => ages(vendor) && /^m?s$/.test(timeUnitOf(vendor) ?? ''),
  'future-limit': (vendor) => futureWindowMs(vendor) !== null,
  'no-future-limit': (vendor) => ages(vendor) && futureWindowMs(vendor) === null,
  'untimed-signature': isReusable,
  'signature-parts': (vendor) =>
    ages(vendor) && signaturePart(vendor, '{t}') !== null && signaturePart(vendor, '{v}') !== null,
  'one-signature': (vendor) => !mayCarrySeveral(vendor),
  rotation: mayCarrySeveral,
  'named-scheme': (vendor) => schemeWordOf(vendor) !== null,
  'hex-digest': (vendor) => hashOf(vendor) !== null && encodingNameOf(vendor) === 'hex',
  'base64-digest': (vendor) => hashOf(vendor) !== null && encodingNameOf(vendor) === 'base64',
  'hex-or-base64': (vendor) => hashOf(vendor) !== null && /^(?:hex|base64)$/.test(encodingNameOf(vendor) ?? ''),
  'not-sha1': (vendor) => hashOf(vendor) !== 'sha1',
  'not-sha512': (vendor) => hashOf(vendor) !== 'sha512',
  'text-key': hasTextKey,
  'decoded-key': hasDecodedKey,
  'secret-prefix': (vendor) => hasTextKey(vendor) && secretPrefixOf(vendor) !== undefined,
  'signed-parts': signsMoreThanBody,
  'signed-url': signsUrl,
  'signed-host': (vendor) => signsUrlPart(vendor, 'host'),
  'signed-path': (vendor) => signsUrlPart(vendor, 'path'),
  'signed-query': (vendor) => signsUrlPart(vendor, 'query'),
  'added-query': addsToQuery,
  'signed-id': signsId,
  'unsigned-id': (vendor) => idHeaderOf(vendor) !== null && !signsId(vendor),
  'id-header': (vendor) => idHeaderOf(vendor) !== null && idPathsOf(vendor).length === 0,
  'event-header': (vendor) => repeatsOf(vendor).some(({ name }) => name === eventHeaderOf(vendor)),
  'signed-date': (vendor) => protectsContent(vendor) && dateFieldOf(vendor) !== null,
  'dated-request': (vendor) => ages(vendor) || (dateHeaderOf(vendor) !== null && ladderMs(vendor) > 0),
  'drops-events': ({ retries: { onlyOn, neverOn, stopHeader, delaysByEvent } }) =>
    [onlyOn, neverOn, stopHeader, delaysByEvent].some((fact) => fact !== undefined),
  'final-refusals': ({ retries }) => finalStatus(retries) !== null,
  'late-retries': (vendor) => dateFieldOf(vendor) !== null && ladderMs(vendor) > HOUR_MS,
  countable: (vendor) => (hasEventIds(vendor) && !vendor.events.some(hasFixedId)) || keyPathsOf(vendor).length > 0,
  'event-names': (vendor) => eventFieldOf(vendor) !== null,
  'several-events': ({ events }) => events.length > 1,
  'tellable-events': (vendor) => eventFieldOf(vendor) !== null || eventHeaderOf(vendor) !== null || differ(vendor),
  'listed-values': (vendor) => listedFields(vendor) !== null,
  'optional-fields': ({ events }) => events.some((event) => hasSureBlanks(event) || unsureNulls(event).length > 0),
  'nullable-fields': ({ events }) => events.some((event) => sureNulls(event).length > 0),
  'assumed-nulls': ({ events }) => events.some((event) => unsureNulls(event).length > 0),
  'null-in-list': (vendor) => someField(vendor, ({ items }) => items?.fields?.some(({ nullable }) => nullable)),
  'numeric-ids': (vendor) => someField(vendor, ({ generated, type }) => isNumber(generated) && type === 'string'),
  'address-objects': (vendor) => someField(vendor, ({ name, type }) => name === 'from' && type === 'object'),
  'has-body': (vendor) => bodyFormatOf(vendor).format !== 'query',
  'structured-body': (vendor) => /^(?:json|form|multipart)/.test(bodyFormatOf(vendor).format),
  'json-body': (vendor) => bodyFormatOf(vendor).format.includes('json'),
  'json-text': (vendor) => /^(?:json|form-json)$/.test(bodyFormatOf(vendor).format),
  'raw-json': (vendor) => bodyFormatOf(vendor).format === 'json',
  'escapable-text': ({ events: [event] }) =>
    fieldsOf(event).some(({ field }) => /[/\u{80}-\u{10ffff}]/u.test(JSON.stringify(field.example ?? null))),
  'unescaped-letters': ({ jsonStyle }) => !/^(?:php|python)$/.test(jsonStyle.value),
  'never-text': (vendor) => !mediaTypesOf(vendor).includes('text/plain'),
  batches: ({ batch }) => (batch?.value.max ?? 1) > 1,
  'mixed-batches': ({ batch, events }) => batch?.value.mixesEvents === true && batch.value.max > 1 && events.length > 1,
  'not-by-get': (vendor) => methodOf(vendor) !== 'GET',
  'not-by-put': (vendor) => methodOf(vendor) !== 'PUT',
  'never-a-form': (vendor) => !mediaTypesOf(vendor).includes('application/x-www-form-urlencoded'),
  prose: (vendor) => proseFields(vendor).length > 0,
  'listed-statuses': ({ success }) => success.value.statuses !== '2xx',
  'key-address': (vendor) => signatureOf(vendor)?.keyUrl !== undefined,
  callback: wantsCall,
  'callback-account': ({ handshakes }) =>
    handshakes?.value.some(({ callback }) => callback?.account !== undefined) ?? false,
  'reverse-dns': ({ trust }) => trust.reverseDnsSuffix !== undefined,
};

/** Does the vendor have this trait, or all of these? True where none is asked for. */
export function hasTraits(vendor: Vendor, traits: VendorTrait | readonly VendorTrait[] = []): boolean {
  return [traits].flat().every((trait) => TRAITS[trait](vendor));
}

const isNumber = (made: Field['generated']): boolean => typeof made === 'object' && 'digits' in made;

/** Some event has other fields than the first. */
const differ = ({ events }: Vendor): boolean => new Set(events.map(namesOf)).size > 1;

const namesOf = ({ fields }: VendorEvent): string => fields.map(({ name }) => name).join('\n');

/** Of the outermost fields alone. */
function someField({ events }: Vendor, isMeant: (field: Field) => boolean | undefined): boolean {
  return events.some(({ fields }) => fields.some((field) => isMeant(field)));
}
