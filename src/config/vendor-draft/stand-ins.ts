/** What stands in a committed sample where people, addresses and tokens stood: the same for the same, in their form. */

export interface StandIns {
  email(original: string): string;
  person(original: string): string;
  phone(original: string): string;
  address(original: string, version: 4 | 6): string;
  host(original: string): string;
  /** Letters for letters and digits for digits; what stands before the first `_` or `-` stays. */
  sameShape(original: string): string;
  digits(original: number): number;
}

const PEOPLE = [
  'Mia Mueller',
  'Jonas Weber',
  'Lea Fischer',
  'Paul Becker',
  'Emma Wagner',
  'Noah Hoffmann',
  'Ida Schulz',
  'Finn Koch',
  'Clara Richter',
  'Emil Wolf',
];

function once(make: (index: number, original: string) => string): (original: string) => string {
  const made = new Map<string, string>();
  return (original) => {
    const key = original.toLowerCase();
    const known = made.get(key) ?? make(made.size, original);
    made.set(key, known);
    return known;
  };
}

/** Each original gets one stand-in, and keeps it wherever it stands again. */
export function makeStandIns(): StandIns {
  const addresses = {
    4: once((index) => `192.0.2.${(index % 254) + 1}`),
    6: once((index) => `2001:db8::${(index + 1).toString(16)}`),
  };
  const shapes = new Map<string, string>();
  const sameShape = (original: string): string => {
    const known = shapes.get(original) ?? disguise(original, shapes.size);
    shapes.set(original, known);
    return known;
  };
  return {
    email: once((index) => `${personOf(index).toLowerCase().replace(' ', '.')}@example.com`),
    person: once((index, original) => likeName(personOf(index), original)),
    phone: once(
      (index, original) => `${original.startsWith('+') ? '+1' : ''}20255501${String(index % 100).padStart(2, '0')}`,
    ),
    address: (original, version) => addresses[version](original),
    host: once((index) => (index === 0 ? 'www.example.com' : `host-${index + 1}.example.com`)),
    sameShape,
    digits: (original) => Number(sameShape(String(original))),
  };
}

const personOf = (index: number): string => {
  const name = PEOPLE[index % PEOPLE.length] as string;
  return index < PEOPLE.length ? name : `${name}${Math.floor(index / PEOPLE.length) + 1}`;
};

/** Of one word the given name alone, in small letters where it was. */
function likeName(person: string, original: string): string {
  const name = original.trim().includes(' ') ? person : (person.split(' ')[0] ?? person);
  return original === original.toLowerCase() ? name.toLowerCase() : name;
}

const DIGITS = '0123456789';
const HEX_LETTERS = 'abcdef';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Not random: the same capture makes the same file. */
function disguise(original: string, index: number): string {
  const kept = /^[A-Za-z]{1,12}[_-](?:(?:live|test|prod)[_-])?/.exec(original)?.[0] ?? '';
  const isHex = /^(?=.*[a-f])[\da-f-]{16,}$/i.test(original.slice(kept.length));
  let state = (index + 1) * 2_654_435_761;
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1_013_904_223) >>> 0;
    return state % below;
  };
  let isFirst = true;
  const letters = original.slice(kept.length).replaceAll(/[A-Za-z0-9]/g, (letter) => {
    const alphabet = /\d/.test(letter) ? DIGITS : isHex ? HEX_LETTERS : LETTERS;
    let made = alphabet[next(alphabet.length)] as string;
    // A number keeps its length.
    if (isFirst && made === '0') made = '7';
    isFirst = false;
    return /[A-Z]/.test(letter) ? made.toUpperCase() : made;
  });
  return kept + letters;
}
