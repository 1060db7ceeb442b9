import { AppError } from '../model/error.ts';

/** An event's share of all. */
export interface WeightedEvent {
  name: string;
  /** A whole number from 1 to `MOST_WEIGHT`. */
  weight: number;
}

const MOST_WEIGHT = 1000;

/** Reads `optin=3,optout=1`; a name alone weighs 1. Throws AppError `usage`. */
export function parseEventMix(text: string): WeightedEvent[] {
  const mix = text.split(',').map((part) => readPart(part.trim(), text));
  const twice = mix.find(({ name }, index) => mix.findIndex((one) => one.name === name) !== index);
  if (twice !== undefined)
    throw new AppError('usage', `--event ${text} names ${twice.name} twice`, { hint: 'give it one weight' });
  return mix;
}

function readPart(part: string, text: string): WeightedEvent {
  const [, name = '', digits] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
  const weight = digits === undefined ? 1 : /^[1-9]\d{0,3}$/.test(digits) ? Number(digits) : NaN;
  if (name === '')
    throw new AppError('usage', `--event ${text} names no event in one place`, {
      hint: 'write weights such as optin=3,optout=1',
    });
  if (!(weight <= MOST_WEIGHT))
    throw new AppError('usage', `--event ${text}: ${name} has the weight "${digits}"`, {
      hint: `use a whole number from 1 to ${MOST_WEIGHT}, such as optin=3,optout=1`,
    });
  return { name, weight };
}

/**
 * Which event is the n-th, from 0: each as often as its weight says, as evenly spread as that goes, and the same in
 * every run. Of `optin=3,optout=1`: optin, optin, optout, optin, and again.
 */
export function spreadEvents(mix: readonly WeightedEvent[]): (n: number) => string {
  const turns = mix.reduce((sum, { weight }) => sum + weight, 0);
  const credit = new Map(mix.map(({ name }) => [name, 0]));
  // Smooth weighted round-robin, as nginx chooses among servers: each turn everybody earns, and the richest pays.
  const names = Array.from({ length: turns }, () => {
    for (const { name, weight } of mix) credit.set(name, (credit.get(name) as number) + weight);
    const [richest] = [...credit].reduce((most, one) => (one[1] > most[1] ? one : most));
    credit.set(richest, (credit.get(richest) as number) - turns);
    return richest;
  });
  return (n) => names[n % turns] as string;
}
