import { AppError } from '../model/error.ts';
import type { Handshake } from '../model/handshake.ts';
import { isObject, type JsonValue } from '../model/json.ts';
import { quoteForShell } from '../model/shell-word.ts';
import { writeBody } from '../model/handshake.ts';
import { holdsOfUrl, flattenParts, type Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf, methodOf } from '../vendors/body-facts.ts';
import { eventFieldOf, eventHeaderOf, idHeaderOf, idPathsOf, mediaTypesOf } from '../vendors/facts.ts';
import { signsId } from '../vendors/signing-facts.ts';
import { hasTraits } from '../vendors/traits.ts';
import { unwritable } from './dialect.ts';
import { describeTrust } from './describe-trust.ts';
import { express } from './express.ts';
import { flask } from './flask.ts';
import { php } from './php.ts';
import type { EventPlace, Framework, PlainQuestion, ReceiverParts } from './receiver-parts.ts';
import { isPublicKeyAlgorithm, verificationOf } from './verification.ts';

/** Every framework that receivers are written for. */
export const FRAMEWORKS: readonly Framework[] = [express, flask, php];

/** Throws AppError `usage` for an unknown one. */
export function findFramework(id: string): Framework {
  const found = FRAMEWORKS.find((one) => one.id === id);
  if (found !== undefined) return found;
  const among = FRAMEWORKS.map((one) => one.id);
  throw new AppError('usage', `no receiver is written for ${JSON.stringify(id)}`, {
    hint: `--for with one of: ${among.join(', ')}`,
    unknown: { given: id, among },
  });
}

/** How the commands in the head name things. */
export interface ReceiverWording {
  /** As it is typed: `npx webhook`. */
  program: string;
  /** The vendor as the user named it: an id, or a file. */
  vendor: string;
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
  const readsEvent = verification.some((line) => READS_EVENT.test(line));
  const format = bodyFormatOf(vendor);
  if (readsEvent && (format.format !== 'json' || vendor.batch !== undefined))
    unwritable('what it signs stands in a field of several events, or of a form with JSON in it');
  const key = spec === null ? '' : keyCode(spec, framework, verification);
  const { questions, asksByHead, unanswered } = questionsOf(vendor);
  const parts: ReceiverParts = {
    head: [],
    method: methodOf(vendor),
    format,
    batch: vendor.batch?.value,
    mediaTypes: mediaTypesOf(vendor),
    secret: spec === null ? null : { variable, key },
    verification,
    readsEvent,
    ...eventPlaces(vendor),
    unsignedId: spec === null || idPathsOf(vendor).length > 0 || signsId(vendor) ? null : idHeaderOf(vendor),
    nameAgain: hasTraits(vendor, ['signed-body', 'event-header']) ? eventHeaderOf(vendor) : null,
    asksByHead,
    questions,
    answer: vendor.success.value.body === undefined ? '' : writeBody(vendor.success.value.body),
  };
  const lines = framework.write(parts);
  const head = headOf(vendor, framework, { ...wording, variable, unanswered, code: lines.join('\n') });
  return `${withHead(head, lines, framework).join('\n')}\n`;
}

/** The variable, and no member or header of that name. */
const READS_EVENT = /(?<![\w.'"-])event(?=[?.[,)]| \?\?)/;

function withHead(head: readonly string[], lines: readonly string[], { comment }: Framework): string[] {
  const commented = head.map((line) => (line === '' ? comment : `${comment} ${line}`));
  const whole = lines[0] === '<?php' ? ['<?php', ...commented, ...lines.slice(1)] : [...commented, ...lines];
  return whole.map((line) => (line.trimStart().startsWith(comment) ? closeComment(line) : line));
}

/** `STRIPE_SECRET` */
export const secretVariable = ({ id }: Vendor, spec: Signature | null): string =>
  id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_') +
  (spec !== null && isPublicKeyAlgorithm(spec.algorithm) ? '_PUBLIC_KEY' : '_SECRET');

function keyCode(spec: Signature, { dialect }: Framework, verification: readonly string[]): string {
  if (!verification.some((line) => /\bkey\b|readToken\(/.test(line))) return '';
  return isPublicKeyAlgorithm(spec.algorithm) ? dialect.publicKey(spec) : dialect.key(spec.key ?? { encoding: 'utf8' });
}

/** The URL was signed before the signature came into it. */
function refuseOwnQuery({ at, message }: Signature): void {
  if ('query' in at && flattenParts(message).some((part) => holdsOfUrl(part, 'query')))
    unwritable('the signature stands in the query that it signs');
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

interface Questions {
  questions: PlainQuestion[];
  asksByHead: boolean;
  /** Their titles: nothing was written for them. */
  unanswered: string[];
}

function questionsOf(vendor: Vendor): Questions {
  const found: Questions = { questions: [], asksByHead: false, unanswered: [] };
  for (const handshake of vendor.handshakes?.value ?? []) {
    const plain = plainQuestion(handshake, vendor);
    if (plain !== null) found.questions.push(plain);
    else if (isBareHead(handshake)) found.asksByHead = true;
    else found.unanswered.push(handshake.title);
  }
  return found;
}

const isBareHead = ({ method, answer }: Handshake): boolean =>
  method === 'HEAD' && answer.header === undefined && answer.bodies === undefined;

/** One that comes as a JSON event does, and is told by texts in it. */
function plainQuestion(handshake: Handshake, vendor: Vendor): PlainQuestion | null {
  const { method, body, toldBy = body, answer, callback } = handshake;
  const isEventLike =
    method === methodOf(vendor) && bodyFormatOf(vendor).format === 'json' && vendor.batch === undefined;
  const isPlain = callback === undefined && answer.header === undefined && answer.proof === undefined;
  if (!isEventLike || !isPlain || !isObject(toldBy ?? null) || !isObject(body ?? null)) return null;
  const challenge = findChallenge(body ?? null);
  const told = scalarsOf(toldBy ?? null).filter(([, value]) => typeof value !== 'string' || !value.includes('{'));
  const [wanted] = answer.bodies ?? [];
  if (told.length === 0) return null;
  if (wanted === undefined) return { told, challenge, answer: null };
  if ('text' in wanted) return wanted.text === '{challenge}' ? { told, challenge, answer: 'text' } : null;
  const members = Object.entries(wanted.json);
  const [member] = members;
  return members.length === 1 && member?.[1] === '{challenge}'
    ? { told, challenge, answer: { member: member[0] } }
    : null;
}

const findChallenge = (value: JsonValue): string | null =>
  scalarsOf(value).find(([, text]) => text === '{challenge}')?.[0] ?? null;

function scalarsOf(value: JsonValue, prefix = ''): [string, string | number | boolean][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]): [string, string | number | boolean][] => {
    if (typeof one === 'object') return scalarsOf(one, `${prefix}${name}.`);
    return [[prefix + name, one]];
  });
}

/**
 * A vendor file may be someone else's, and a text of it could end the comment: by any line break, in PHP by the closing
 * tag too. What stands behind that would be run.
 */
const closeComment = (line: string): string => line.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ').replaceAll('?>', '? >');

interface HeadWording extends ReceiverWording {
  variable: string;
  unanswered: readonly string[];
  code: string;
}

const AGELESS =
  'The test warns of replay-refreshed: the signature has no time, and how old an event may be is for you to say.';

const URL_OF_RECEIVER = 'http://127.0.0.1:3000/hook';

function headOf(vendor: Vendor, framework: Framework, wording: HeadWording): string[] {
  const { title, signature } = vendor;
  const spec = signature.value;
  const { program, variable, unanswered, code } = wording;
  const name = quoteForShell(wording.vendor);
  const test = `${program} test --url ${URL_OF_RECEIVER} --vendor ${name}`;
  const install = framework.install(code);
  const first = install === null ? '' : `${install} && `;
  const about = [
    `Receives the webhooks of ${title} with ${framework.title}, in ${framework.file}.`,
    ...(hasTraits(vendor, ['untimed-signature', 'signed-date']) ? [AGELESS] : []),
  ];
  const open = unanswered.map((question) => `Not written: ${question}.`);
  if (spec === null)
    return [...about, ...describeTrust(vendor), ...open, `Run:   ${first}${framework.run}`, `Test:  ${test}`];
  if (isPublicKeyAlgorithm(spec.algorithm)) {
    const file = `${vendor.id}.pem`;
    const own = `"$(${program} vendor key ${name} -o ${file})"`;
    return [
      ...about,
      ...open,
      `Run:   ${first}${variable}=${own} ${framework.run}`,
      `Test:  ${test} --secret-file ${file}`,
    ];
  }
  const sample = `${variable}=${quoteForShell(sampleSecret(spec))}`;
  return [
    ...about,
    ...open,
    `Run:   ${first}${sample} ${framework.run}`,
    `Test:  ${sample} ${test} --secret-env ${variable}`,
  ];
}

/** In the form that the vendor's have: it shows the form, and the commands work as they stand there. */
export function sampleSecret({ key = { encoding: 'utf8' } }: Signature): string {
  const { encoding, prefix = '' } = key;
  return prefix + Buffer.from('for-tests-alone').toString(encoding);
}
