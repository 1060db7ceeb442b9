import type { BatchRule, BodyFormat, Method } from '../model/body-format.ts';
import type { Dialect } from './dialect.ts';

/** Where something of the event stands, that a receiver wants to know: null for nowhere. */
export type EventPlace = { header: string } | { path: string } | null;

/** Of a JSON body: dotted paths, and what stands there. */
export type Told = readonly (readonly [path: string, value: string | number | boolean])[];

/** A question of the vendor's that comes where events come, and the answer to it. */
export interface PlainQuestion {
  told: Told;
  /** Where the challenge stands. */
  challenge: string | null;
  /** What is answered: the names of JSON members with the challenge, or the bare text; null: nothing. */
  answer: { member: string } | 'text' | null;
}

/** A question that comes there, too, and has an address called. */
export interface CallQuestion {
  told: Told;
  /** Where the address stands. */
  address: string;
  /** The vendor's, by https alone; `*` stands for one label of a name. */
  hosts: readonly string[];
  /** Headers that say what a field of the signed body says. */
  repeats: readonly (readonly [header: string, path: string])[];
}

/** A key that each request names by its address. */
export interface FetchedKey {
  hosts: readonly string[];
  /** Of the path. */
  ending: string;
  /** The key, of the text that `await call(address)` gives. */
  code: string;
}

/** What tells the vendor's customers apart. */
export interface OwnAccount {
  /** Where it stands in a body. */
  path: string;
  /** With the receiver's own. */
  variable: string;
  /** That of the vendor's samples. */
  sample: string;
}

/** All that a receiver's code is made of. */
export interface ReceiverParts {
  method: Method;
  format: BodyFormat;
  batch: BatchRule | undefined;
  /** Of its bodies. */
  mediaTypes: readonly string[];
  /** The variable with the secret or the public key, and the code that makes the key of it; null: nothing is signed. */
  secret: { variable: string; key: string } | null;
  /** The lines of the function that verifies. */
  verification: readonly string[];
  /** What was signed is read from the JSON: it is parsed first. */
  readsEvent: boolean;
  name: EventPlace;
  id: EventPlace;
  /** The header with the id, where the signature does not cover it: anybody can send the event again under another. */
  unsignedId: string | null;
  /** The header that repeats the event's name, which the signed body says: it has to say the same. */
  nameAgain: string | null;
  /** The vendor asks with this method whether anybody is there. */
  asksByHead: boolean;
  questions: readonly PlainQuestion[];
  calls: readonly CallQuestion[];
  /** The key that each request names by its address; null: there is none, or one that the receiver is given. */
  fetchedKey: FetchedKey | null;
  /** Whose requests these are; null: nothing tells the vendor's customers apart, or one's own secret does. */
  account: OwnAccount | null;
  /** The body of a success; an empty text where none is asked for. */
  answer: string;
}

/** A framework that receivers are written for. */
export interface Framework {
  id: string;
  title: string;
  /** The file that the commands in the head name. */
  file: string;
  /** What to type before the first start; null: nothing. */
  install: (code: string) => string | null;
  /** Starts it. */
  run: string;
  comment: string;
  dialect: Dialect;
  /** Its receivers call addresses of the vendor's: what a question asks to be called, and where a key lies. */
  callsBack?: true;
  write: (parts: ReceiverParts) => string[];
}
