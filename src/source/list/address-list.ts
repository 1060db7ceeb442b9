import type { Network } from '../address/network.ts';
import type { ProgramReading } from './read-as.ts';

/** One address or network of a list, and where it stands. */
export interface ListEntry {
  network: Network;
  /** As it was written: `192.0.2.5/255.255.255.0`. */
  text: string;
  /** How it was written. */
  form: 'address' | 'prefix' | 'netmask';
  /** Bits are set beyond the prefix (`192.0.2.5/24`): the network is the one around the address. */
  hasHostBits: boolean;
  /** Null: it comes from no file. */
  file: string | null;
  /** From 1. */
  line: number | null;
  /** What follows `#` on its line. */
  comment: string | null;
}

/** Something in a list that is no address or network, or that programs read differently. */
export interface ListProblem {
  file: string | null;
  line: number | null;
  /** The piece in question, shortened where it is long. */
  text: string;
  /** In plain words, with what to write instead where that is known. */
  reason: string;
  /** What each program would make of it; empty where the piece is no address in any form. */
  readings: readonly ProgramReading[];
  /** The form that reads this line as an entry: the line belongs to the configuration of a server. */
  form?: string;
}

/** A line that is a comment and nothing else. */
export interface ListRemark {
  line: number;
  text: string;
}

/** A list with a problem must not be used: what was not understood could be the address in question. */
export interface AddressList {
  entries: ListEntry[];
  problems: ListProblem[];
  remarks: ListRemark[];
}
