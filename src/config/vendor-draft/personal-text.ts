import { wordsOf } from '../../model/secret-name.ts';

/** Which texts of a sample tell of people: by the name of their field, and by how they are written. */

export const wordSet = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** Fields of people: a text in them is a name, and so is the `name` within them. */
const OF_PEOPLE = wordSet(`customer user contact person buyer recipient author member employee client payer payee
  subscriber assignee attendee guest patient student signer pusher committer traveler traveller passenger visitor
  invitee organizer organiser participant driver courier doctor beneficiary debtor creditor tenant applicant candidate
  donor speaker teacher resident owner holder cardholder sender creator reporter reviewer surname forename vorname
  nachname nombre apellido apellidos prenom nom kunde gast cliente`);

/** These may be a state as well: `from: draft`. */
const MAY_BE_OF_PEOPLE = wordSet('from to cc bcc billing shipping profile account lead actor by');

/** Fields whose values are words of the API, written like names by some: `Order Created`. */
const OF_API = wordSet('event type status topic action kind trigger currency mode object locale language timezone');

const BY_HAND = wordSet(`note notes comment comments message subject description text content body remark remarks memo
  instruction instructions feedback summary review reply answer question bio about greeting caption`);

/** `customer-name`; a number behind it says nothing. */
export const fieldName = (name: string): string =>
  wordsOf(name)
    .join('-')
    .replace(/-?\d+$/, '');

const lastWord = (name: string): string => fieldName(name).split('-').at(-1) ?? '';
const singular = (word: string): string => word.replace(/s$/, '');
const isIn = (words: ReadonlySet<string>, word: string): boolean => words.has(word) || words.has(singular(word));

export const saysWhatItIs = (name: string): boolean => OF_API.has(lastWord(name)) || /^event-name$/.test(name);
export const isWrittenByHand = (name: string): boolean => BY_HAND.has(lastWord(name));

/** A name and no id, number or address. */
const mayBeName = (value: string): boolean => /\p{L}/u.test(value) && !/[\d@/]/.test(value);

/** Is it in a field of people, or the `name` of what is? */
export function isOfPerson(names: readonly string[], value: string): boolean {
  if (!mayBeName(value)) return false;
  const own = lastWord(names.at(-1) ?? '');
  if (isIn(OF_PEOPLE, own)) return true;
  if (MAY_BE_OF_PEOPLE.has(own)) return isFreeText(value);
  const before =
    fieldName(names.at(-1) ?? '')
      .split('-')
      .at(-2) ?? '';
  const around = [before, ...names.slice(0, -1).map(lastWord)];
  return own === 'name' && around.some((word) => isIn(OF_PEOPLE, word) || MAY_BE_OF_PEOPLE.has(word));
}

const NAME_WORD = String.raw`[\p{Lu}\p{Lt}][\p{L}\p{M}.'’-]*`;
const SMALL_WORD =
  '(?:van|von|vom|zu|zur|de|der|den|het|da|do|dos|das|di|del|della|du|la|le|el|al|bin|ibn|ten|ter|y|e|&|und|and)';
const PERSON = new RegExp(`^${NAME_WORD}(?:,?\\s+(?:${SMALL_WORD}\\s+){0,3}${NAME_WORD}){1,3}$`, 'u');
/** The same among other words, or before an address: `Anna <a@b.example>`. */
export const NAMES_WITHIN = new RegExp(
  String.raw`[^<>,;"\s][^<>,;"]*(?=\s<[^<>@\s]+@)|(?<![\p{L}\p{M}\d_/.-])${NAME_WORD}(?: ${NAME_WORD}){1,3}`,
  'gu',
);
const WITH_ACCENT = /^(?=.*[^\p{ASCII}])\p{Lu}[\p{L}\p{M}'’-]+$/u;

/** Capitalised words of letters; of one word alone, one that no API would choose. */
export const looksLikePerson = (value: string): boolean => {
  const text = value.trim();
  return text.length <= 100 && (PERSON.test(text) || WITH_ACCENT.test(text));
};

/** No word of an API: `in_review`, `order.created`, `PAID_OUT`; nor an id, a host, an address. */
export const isFreeText = (value: string): boolean =>
  /\p{L}/u.test(value) &&
  !/^[a-z\d]+(?:[._:-][a-z\d]+)*$|^[A-Z\d]+(?:_[A-Z\d]+)+$|^https?:\/\/\S*$|^\S+@\S+$/.test(value) &&
  !/^(?=\S*\d)[\w+/.=~:-]+$/.test(value);
