import type { DraftedEvent } from '../../config/vendor-draft/draft-vendor.ts';
import type { LearnedVendor } from '../../flows/vendor/learn-vendor.ts';
import {
  describePlace,
  flattenParts,
  jwtOf,
  type TokenClaim,
  type MessagePart,
  type Signature,
} from '../../model/signature.ts';
import { plural } from '../../model/wording.ts';
import { describeEncoding } from '../../sign/scheme/encoding.ts';
import { encodingOf } from '../../sign/scheme/compute.ts';
import { describeKeyForm } from '../../sign/scheme/keys.ts';
import { painter } from '../terminal/color.ts';
import { plainLine, wrapText } from '../terminal/text.ts';
import { programName } from '../terminal/program-name.ts';
import { screenOf } from '../terminal/stdio.ts';

/** What was learned, as a person reads it. */
export function renderLearned(learned: LearnedVendor, names: readonly string[], path: string | null): string {
  return learned.file === null ? renderNothing(learned) : renderFound(learned, learned.file, names, path);
}

function renderFound(
  { tried, help }: LearnedVendor,
  { events, learned }: NonNullable<LearnedVendor['file']>,
  names: readonly string[],
  path: string | null,
): string {
  const paint = painter(screenOf(1));
  const { signature, further, alternatives } = learned;
  const [event] = events;
  return [
    `${paint.green('found')}  ${plainLine(describePlace(signature.at))}`,
    ...signatureLines(signature),
    ...further.flatMap((one) => ['', `  also  ${plainLine(describePlace(one.at))}`, ...signatureLines(one)]),
    '',
    ...wrapText(`it matches ${plural(names.length, 'request')}; ${tried} candidates were tried`, '  '),
    ...(alternatives.length === 0
      ? ['  the match is unique']
      : [
          ...wrapText(
            plainLine(`not unique: it can also be read in ${plural(alternatives.length, 'other way')}`),
            '  ',
          ),
          ...alternatives.slice(0, MAX_ALTERNATIVES).flatMap((one) => wrapText(plainLine(summary(one)), '    or  ')),
        ]),
    ...help.flatMap((line) => wrapText(plainLine(line), '  ')),
    ...eventLines(events, names),
    ...(path === null
      ? []
      : [
          `  written to ${path}`,
          ...wrapText(
            `next: ${programName()} send --vendor ${fileArgument(path)} ` +
              `--event ${plainLine(event?.name ?? '')} --url URL --secret-env NAME`,
            '  ',
          ),
        ]),
  ].join('\n');
}

function eventLines(events: readonly DraftedEvent[], names: readonly string[]): string[] {
  const [first, ...more] = events;
  if (more.length === 0) return wrapText(plainLine(`event ${first?.name}; read the sample before you commit it`), '  ');
  const texts = events.map(({ name, captures: [capture = 0] }) => `${name} (sample from ${names[capture]})`);
  return wrapText(plainLine(`events ${texts.join(', ')}; read the samples before you commit them`), '  ');
}

const MAX_ALTERNATIVES = 10;
const fileArgument = (path: string): string => (/^[./]/.test(path) ? path : `./${path}`);

function signatureLines(signature: Signature): string[] {
  const { algorithm, format, key, timestamp, several } = signature;
  const chain = describeEncoding(encodingOf(signature));
  return [
    ...wrapText(plainLine(`${algorithm} of ${writeMessage(signature.message)}`), '  '),
    ...wrapText(plainLine(`written as ${format}${chain === '' ? '' : `, {v} in ${chain}`}`), '  '),
    ...Object.entries(signature.addedQuery ?? {}).flatMap(([name, parts]) =>
      wrapText(plainLine(`added to the URL: ${name}, of ${writeMessage(parts)}`), '  '),
    ),
    ...(key === undefined ? [] : wrapText(plainLine(`key: ${describeKeyForm(key)}`), '  ')),
    ...(timestamp === undefined ? [] : wrapText(plainLine(timeLine(signature)), '  ')),
    ...(several === undefined ? [] : ['  several at once, while a secret is rotated']),
  ];
}

function timeLine({ timestamp: time, message }: Signature): string {
  const inText = jwtOf({ message }) === null ? 'at {t}' : 'in its claims';
  const place = time?.at === undefined ? inText : `in the ${describePlace(time.at)}`;
  const isSigned = flattenParts(message).includes('timestamp');
  return `time ${place}, in ${time?.unit}${isSigned ? '' : '; it is not signed'}`;
}

function summary(signature: Signature): string {
  const { algorithm, message, timestamp, key } = signature;
  const time =
    timestamp?.at !== undefined && message.includes('timestamp')
      ? `, the time in the ${describePlace(timestamp.at)}`
      : '';
  const form = key === undefined ? '' : `, key: ${describeKeyForm(key)}`;
  return `${algorithm} of ${writeMessage(message)}${time}${form}`;
}

/** `timestamp "." body`: the words of the file, with all that tells one reading from another. */
const writeMessage = (parts: readonly MessagePart[]): string => parts.map(writePart).join(' ');

function writePart(part: MessagePart): string {
  if (typeof part === 'string') return part;
  if ('text' in part) return JSON.stringify(part.text);
  if ('header' in part) return `header(${part.header})`;
  if ('json' in part) return `${part.as === 'raw' ? 'raw ' : ''}json(${part.json})`;
  if ('form' in part) return `form(${part.form})`;
  if ('fields' in part) {
    const names = part.fields === 'sorted' ? 'sorted' : part.fields.join(', ');
    const join = part.join === undefined ? '' : ` joined by ${JSON.stringify(part.join)}`;
    return `${part.from} fields(${names}) as ${JSON.stringify(part.each)}${join}`;
  }
  if ('bodyWith' in part) return `body with ${writeMessage(part.of)} in the ${describePlace(part.bodyWith)}`;
  if ('hash' in part) return `${part.hash}(${writeMessage(part.of)})${part.as === 'raw' ? ' raw' : ''}`;
  if ('jwt' in part) return `JWT(${Object.entries(part.jwt.claims).map(writeClaim).join(', ')})`;
  return `${part.encode.join('+')}(${writeMessage(part.of)})`;
}

function writeClaim([name, claim]: [string, TokenClaim]): string {
  if (typeof claim !== 'object') return `${name}: ${JSON.stringify(claim)}`;
  if ('time' in claim) return `${name}: time${claim.time === 0 ? '' : ` + ${claim.time} s`}`;
  return `${name}: ${'id' in claim ? 'new id' : writeMessage(claim.text)}`;
}

function renderNothing({ tried, ideas, help, parties: [party] }: LearnedVendor): string {
  const paint = painter(screenOf(1));
  const candidates = `${tried} candidates were tried`;
  if (party !== undefined)
    return [
      `${paint.red('no candidate matches all')}  ${candidates}`,
      ...help.flatMap((line) => wrapText(plainLine(line), '  ')),
      `  what fits: ${plainLine(describePlace(party.signature.at))}`,
      ...signatureLines(party.signature).map((line) => `  ${line}`),
    ].join('\n');
  return [
    `${paint.red('no candidate matches')}  ${candidates}`,
    ...(ideas.length === 0
      ? ['  no header, parameter or field looks like a signature']
      : ['  what looks like a signature:', ...ideas.flatMap((idea) => wrapText(plainLine(idea), '    '))]),
    '  what would help:',
    ...help.flatMap((line) => wrapText(plainLine(line), '    ')),
  ].join('\n');
}

/** The same as a document. */
export function learnedDocument(
  { file, tried, ideas, help, misfits, parties }: LearnedVendor,
  path: string | null,
): Record<string, unknown> {
  return {
    found: file !== null,
    tried,
    unique: file !== null && file.learned.alternatives.length === 0,
    signature: file?.learned.signature ?? null,
    further: file?.learned.further ?? [],
    alternatives: file?.learned.alternatives ?? [],
    events: file?.events.map(({ name, captures }) => ({ name, captures: captures.map((index) => index + 1) })) ?? [],
    vendor: file === null ? null : (JSON.parse(file.text) as unknown),
    file: path !== null && file !== null ? path : null,
    misfits: misfits.map((index) => index + 1),
    parties: parties.map(({ signature, members }) => ({ signature, captures: members.map((index) => index + 1) })),
    ideas,
    help,
  };
}
