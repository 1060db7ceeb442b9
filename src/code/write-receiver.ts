import { AppError } from '../model/error.ts';
import { isObject } from '../model/json.ts';
import { writeBody } from '../model/handshake.ts';
import { holdsOfUrl, flattenParts, type Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf, methodOf } from '../vendors/body-facts.ts';
import { eventFieldOf, eventHeaderOf, idHeaderOf, idPathsOf, mediaTypesOf } from '../vendors/facts.ts';
import { readScalar } from '../vendors/event-key.ts';
import { signsId } from '../vendors/signing-facts.ts';
import { hasTraits } from '../vendors/traits.ts';
import { unwritable } from './dialect.ts';
import { express } from './express.ts';
import { flask } from './flask.ts';
import { php } from './php.ts';
import { questionsOf } from './questions.ts';
import { headOf, type ReceiverWording } from './receiver-head.ts';
import type { EventPlace, FetchedKey, Framework, OwnAccount, ReceiverParts } from './receiver-parts.ts';
import { isPublicKeyAlgorithm, verificationOf } from './verification.ts';

/** Every framework that receivers are written for. */
export const FRAMEWORKS: readonly Framework[] = [express, flask, php];

/** Throws AppError `usage` for an unknown one. */
export function findFramework(id: string): Framework {
  const found = FRAMEWORKS.find((one) => one.id === id);
  if (found !== undefined) return found;
  const among = FRAMEWORKS.map((one) => one.id);
  throw new AppError('usage', `cannot write a receiver for ${JSON.stringify(id)}`, {
    hint: `add --for with one of: ${among.join(', ')}`,
    unknown: { given: id, among },
  });
}

/**
 * A receiver of this vendor's requests, which verifies them by the vendor's facts.
 * Throws AppError `usage` where something of the signature cannot be written in code.
 */
export function writeReceiver(vendor: Vendor, framework: Framework, wording: ReceiverWording): string {
  const spec = vendor.signature.value;
  const variable = secretVariable(vendor, spec);
  const { dialect } = framework;
  if (spec !== null) refuseOwnQuery(spec);
  const verification =
    spec === null ? [] : verificationOf(vendor, spec, dialect).flatMap((statement) => dialect.write(statement));
  const { unanswered, ...questions } = questionsOf(vendor, framework);
  const fetchedKey = spec?.keyUrl === undefined ? null : fetchedKeyOf(spec, framework);
  const calls = fetchedKey !== null || questions.calls.length > 0;
  const account = calls ? accountOf(vendor) : null;
  const parts: ReceiverParts = {
    method: methodOf(vendor),
    format: bodyFormatOf(vendor),
    batch: vendor.batch?.value,
    mediaTypes: mediaTypesOf(vendor),
    secret: spec === null || fetchedKey !== null ? null : { variable, key: keyCode(spec, framework, verification) },
    verification,
    readsEvent: readsEvent(vendor, verification),
    ...eventPlaces(vendor),
    unsignedId: spec === null || idPathsOf(vendor).length > 0 || signsId(vendor) ? null : idHeaderOf(vendor),
    nameAgain: hasTraits(vendor, ['signed-body', 'event-header']) ? eventHeaderOf(vendor) : null,
    ...questions,
    fetchedKey,
    account,
    answer: vendor.success.value.body === undefined ? '' : writeBody(vendor.success.value.body),
  };
  const lines = framework.write(parts);
  const known = { variable, account, isKeyFetched: fetchedKey !== null, calls, unanswered };
  const head = headOf(vendor, framework, { ...wording, ...known, code: lines.join('\n') });
  return `${withHead(head, lines, framework).join('\n')}\n`;
}

/** What lies at the address: the certificate alone, without a prefix. */
const KEY_TEXT = 'await call(address)';

function fetchedKeyOf(spec: Signature, { dialect }: Framework): FetchedKey {
  const { hosts = [], ending = '' } = spec.keyUrl ?? {};
  if (hosts.length === 0)
    unwritable('each request names the address of its key, and nothing says on which hosts it lies');
  return { hosts, ending, code: dialect.publicKey({ ...spec, key: undefined }, KEY_TEXT) };
}

/** Whoever is a customer of the vendor's has requests signed by it: one's own are told by this. */
function accountOf(vendor: Vendor): OwnAccount | null {
  for (const { callback, body } of vendor.handshakes?.value ?? []) {
    const sample = isObject(body) && callback?.account !== undefined ? readScalar(body, callback.account) : null;
    if (callback?.account === undefined || sample === null) continue;
    const name = callback.account.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_');
    return { path: callback.account, variable: `${variablePrefix(vendor)}_${asVariable(name)}`, sample };
  }
  return null;
}

/** The variable, and no member or header of that name. */
const READS_EVENT = /(?<![\w.'"-])event(?=[?.[,)]| \?\?)/;

function readsEvent(vendor: Vendor, verification: readonly string[]): boolean {
  if (!verification.some((line) => READS_EVENT.test(line))) return false;
  if (bodyFormatOf(vendor).format !== 'json' || vendor.batch !== undefined)
    unwritable('what it signs is in a field of several events, or of a form that contains JSON');
  return true;
}

function withHead(head: readonly string[], lines: readonly string[], { comment }: Framework): string[] {
  const commented = head.map((line) => (line === '' ? comment : `${comment} ${line}`));
  const whole = lines[0] === '<?php' ? ['<?php', ...commented, ...lines.slice(1)] : [...commented, ...lines];
  return whole.map((line) => (line.trimStart().startsWith(comment) ? closeComment(line) : line));
}

/** `STRIPE_SECRET` */
export const secretVariable = (vendor: Vendor, spec: Signature | null): string =>
  variablePrefix(vendor) + (spec !== null && isPublicKeyAlgorithm(spec.algorithm) ? '_PUBLIC_KEY' : '_SECRET');

const asVariable = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
const variablePrefix = ({ id }: Vendor): string => asVariable(id);

function keyCode(spec: Signature, { dialect }: Framework, verification: readonly string[]): string {
  if (!verification.some((line) => /\bkey\b|readToken\(/.test(line))) return '';
  return isPublicKeyAlgorithm(spec.algorithm) ? dialect.publicKey(spec) : dialect.key(spec.key ?? { encoding: 'utf8' });
}

/** The URL was signed before the signature came into it. */
function refuseOwnQuery({ at, message }: Signature): void {
  if ('query' in at && flattenParts(message).some((part) => holdsOfUrl(part, 'query')))
    unwritable('the signature is in the query that it signs');
}

function eventPlaces(vendor: Vendor): { name: EventPlace; id: EventPlace } {
  const [nameHeader, nameField] = [eventHeaderOf(vendor), eventFieldOf(vendor)];
  const [idPath] = idPathsOf(vendor);
  const idHeader = idHeaderOf(vendor);
  return {
    name: nameField === null ? (nameHeader === null ? null : { header: nameHeader }) : { path: nameField },
    id: idPath === undefined ? (idHeader === null ? null : { header: idHeader }) : { path: idPath },
  };
}

/**
 * A vendor file may be someone else's, and a text of it could end the comment: by any line break, in PHP by the closing
 * tag too. What stands behind that would be run.
 */
const closeComment = (line: string): string => line.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ').replaceAll('?>', '? >');
