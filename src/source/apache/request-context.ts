import type { Header } from '../../model/plan.ts';
import type { Address } from '../address/address.ts';
import type { Ask } from '../rules/open-questions.ts';
import { isBelow } from '../reverse-dns/host-names.ts';
import type { CompilePcre } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';

/** A request on its way through the server: what its phases know and change. */
export interface RequestContext {
  ask: Ask;
  compile: CompilePcre;
  /** The other end of the connection. */
  peer: Address;
  /** Who it is taken for: after mod_remoteip. */
  caller: Address;
  /** Lower-case names; what a client sends twice is one value. */
  headers: Map<string, string>;
  /** Headers and query may hold anything else. */
  saysAnything: boolean;
  /** Of reverse DNS, confirmed forward, by address; null: it has none. */
  hostNames: ReadonlyMap<string, string | null>;
  host: string;
  /** As it stood in the request line. */
  requested: string;
  /** Normalised and decoded. */
  uri: string;
  env: Map<string, string>;
  isTls: boolean;
  port: number | null;
}

export const METHOD = 'POST';

/** As `apr_table_compress` joins them. */
export function joinHeaders(headers: readonly Header[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return joined;
}

/** Of a lower-case name; empty when it is not sent, undefined when the caller may have written anything. */
export function readHeader({ headers, saysAnything }: RequestContext, name: string): string | undefined {
  return saysAnything && name !== 'host' ? undefined : (headers.get(name) ?? '');
}

/** `Require host` and `Allow from` a name: whole labels from the end, as `in_domain` of mod_authz_host. */
export function hasHostName(
  { hostNames, caller, ask }: RequestContext,
  domains: readonly string[],
  place: Place,
): boolean {
  const name = hostNames.get(caller.text);
  if (name === undefined)
    return ask(
      place,
      `whether reverse DNS of ${caller.text}, confirmed forward, gives ${domains.join(' or ')} or a name below it`,
    );
  return (
    name !== null && domains.some((domain) => isBelow(name.toLowerCase(), domain.toLowerCase().replace(/^\./, '')))
  );
}
