import type { Header } from '../../model/plan.ts';
import { LARGEST_EVENT_BYTES } from '../../vendors/facts.ts';
import type { Address, Family, Network } from '../address.ts';

/** A line of the user's configuration. */
export interface Place {
  file: string;
  /** From 1. */
  line: number;
  /** The directive as it stands there, on one line. */
  text: string;
}

export interface ConfigFile {
  file: string;
  text: string;
}

/**
 * The files that an `include` means, in the order the server reads them: a path or pattern (`*`, `?`,
 * `[a-z]`) or, for Apache, a folder. Empty when there is none.
 */
export type ReadIncluded = (pattern: string) => readonly ConfigFile[];

/** The proxy that all calls come through. */
export interface ProxyInFront extends Address {
  /** The header that it tells the caller in; left out: X-Forwarded-For. */
  tellsIn?: string;
}

/** A POST to the webhook, as the server would see it. */
export interface SimulatedRequest {
  /** Path without query, as it stands in the request line. */
  path: string;
  /** The Host header; null: that of the default server. */
  host: string | null;
  /** The port that it comes in on; null: whichever serves the host. */
  port: number | null;
  /** The socket that it comes in by: the name of a door. Left out: the one that is likeliest for the port. */
  door?: string;
  /** The other end of the connection. */
  peer: Address;
  /** Whom the PROXY protocol names in front of the request; left out: the connection begins without it. */
  proxied?: Address;
  /** Who calls, where the peer is a proxy: rules may look at the address in a header as at any text. */
  caller?: Address;
  /** What the caller sends: X-Forwarded-For and the like. */
  headers: readonly Header[];
  /** How often a server of the configuration has sent it on to another. */
  hops?: number;
  /** Other headers and the query are left open: only the host and the path are known. */
  saysAnything?: boolean;
  /**
   * The host name that forward-confirmed reverse DNS gives for an address, or null for none. For an address that is
   * missing here it is unknown.
   */
  hostNames?: ReadonlyMap<string, string | null>;
}

export interface Decision {
  /**
   * `admitted`: the request reaches the handler, or is answered below 300 before that.
   * `refused`: any answer from 300 on (the vendor counts neither as success), or the connection is closed.
   * `undecided`: it depends on something that the configuration alone does not say: see `doubts`.
   */
  outcome: 'admitted' | 'refused' | 'undecided';
  /** Of the answer, where the configuration alone decides it. */
  status: number | null;
  /**
   * The line that decided; where none restricts anything, the line of the location or server. Null: there is no such
   * line.
   */
  place: Place | null;
  /** In plain words: "deny all", "no allow or deny applies here". */
  because: string;
  /** The address that the rules were compared with: after real_ip or mod_remoteip. */
  seenAs: Address;
  /** What could not be decided, and why. */
  doubts: readonly Doubt[];
}

export interface Doubt {
  place: Place;
  /** What it depends on: "auth_request asks another server". */
  text: string;
}

/** What the files that were given do not say. */
export interface Note extends Doubt {
  /** Whether anything hangs on it is not known, so nothing is proved. */
  isOpen?: boolean;
}

/** Something in the configuration that does not do what its author believes. */
export interface Trap {
  /** One of the server's own list. */
  id: string;
  /** `fail`: it admits unauthorised callers, or refuses the vendor. `warn`: it may one day. */
  severity: 'fail' | 'warn';
  place: Place;
  /** What it does, and what was probably meant. */
  detail: string;
  /** What to write instead. */
  fix: string;
}

/** A name that neither the server nor a module of its own has. */
export interface UnknownDirective {
  name: string;
  place: Place;
}

/** A line that the server does not start with. */
export interface RefusedLine {
  place: Place;
  /** What is wrong, in the words of the server: `"allow" directive is not allowed here`. */
  text: string;
  fix: string;
  /** False: whether it is wrong hangs on what was not given, such as a module or another file. */
  isCertain: boolean;
}

/** The `server { }` or virtual host that a request comes to. */
export interface Answering {
  /** Where it begins; null: Apache's main server. */
  place: Place | null;
  /** Its first name; null: it has none. */
  name: string | null;
  /** The host is one of its names. */
  isByName: boolean;
  /** It is meant for every name: it has none of its own, or is the default by its own word and alone. */
  isCatchAll: boolean;
  /** The names of every server on its port, its own first; expressions are none. */
  names: readonly string[];
  /** How many servers that port has. */
  servers: number;
}

/** A socket that callers can come in by. */
export interface Door {
  /** As the server's configuration names it: `203.0.113.10:443`. */
  name: string;
  place: Place | null;
  families: readonly Family[];
  /** Reached from this machine alone: loopback, or a socket of the file system. */
  isLocal: boolean;
  /** The host is served by its name there, or nowhere. The vendor comes by no other door. */
  isByName: boolean;
  /** Set where a connection begins with the PROXY protocol: from whom the rules believe what it says, if from some. */
  proxyProtocol: { trusted: readonly Network[] } | null;
}

/** One server's configuration, read and ready to be asked. */
export interface ServerRules {
  server: 'nginx' | 'apache';
  /** Set where a part of a configuration was given: what it lacks, "the file has no http { }". */
  part?: Doubt | null;
  /** What the server wrote of its files was given, not the files. */
  isDump?: boolean;
  /** What else the files that were given do not say. */
  notes?: readonly Note[];
  /** The directives that the server does not know, and the names that it does. */
  unknown?: { directives: readonly UnknownDirective[]; known: readonly string[] };
  /** The lines that keep the server from starting, as far as its own tables of directives say. */
  refused?: readonly RefusedLine[];
  /** Who answers; null: nothing listens on the port, or the server takes no such host. */
  answering?(host: string | null, port: number | null): Answering | null;
  /**
   * Every socket of the port by which a caller gets to the path. Where no port was given, that of the server that is
   * asked.
   */
  doors?(path: string, host: string | null, port: number | null): readonly Door[];
  /** Every network that a rule for this path names, so that the caller can ask on both sides of each boundary. */
  networksFor(path: string, host: string | null, port: number | null, behind?: ProxyInFront | null): readonly Network[];
  /** Those of them that no rule names as a network: an expression over the address as text comes to them. */
  writtenNetworks?(
    path: string,
    host: string | null,
    port: number | null,
    behind?: ProxyInFront | null,
  ): readonly Network[];
  /** The headers that this configuration takes a caller's address from, beside the usual ones. */
  forwardingHeaders?(path: string, host: string | null, port: number | null): readonly string[];
  decide(request: SimulatedRequest): Decision;
  /**
   * The traps that concern this path.
   * @param claimed networks that an unauthorised caller would claim to be in, beside those that rules name
   */
  findTraps(path: string, host: string | null, port: number | null, claimed?: readonly Network[]): readonly Trap[];
}

/** What a limit for bodies does to large events; null where it does nothing. 0 stands for no limit. */
export function noteBodyLimit(bytes: number, place: Place): Doubt | null {
  return bytes === 0 || bytes >= LARGEST_EVENT_BYTES
    ? null
    : { place, text: `${place.text} refuses larger events with 413, and webhook test sends one of 5 MiB` };
}
