import type { Header } from '../../model/plan.ts';

/** Says where a request came from: a proxy adds it, so its absence is known. What a vendor sends beside that is not. */
const FORWARDING =
  /^(?:x[-_]forwarded|forwarded$|(?:x-)?(?:true-client|real|client|cluster-client|original-forwarded|envoy-external-address|appengine-user)|cf-connecting|fastly-client|x-azure-clientip|host$|transfer-encoding$|cookie$|authorization$|proxy-authorization$)/i;

export interface RequestHeaders {
  /** In the order they were sent. */
  all(name: string): readonly string[];
  /** Whether absence can be told: the simulated request names no more than who forwarded it. */
  isKnown(name: string): boolean;
}

/** The headers that nginx takes: it drops names with an underscore unless it is told not to. */
export function readHeaders(headers: readonly Header[], allowsUnderscores: boolean): RequestHeaders {
  const taken = headers.filter(([name]) => (allowsUnderscores ? /^[\w-]+$/ : /^[A-Za-z0-9-]+$/).test(name));
  const all = (name: string): string[] =>
    taken
      .filter(([one]) => one.toLowerCase() === name.toLowerCase())
      .map(([, value]) => Buffer.from(value.trim(), 'utf8').toString('latin1'));
  return { all, isKnown: (name) => FORWARDING.test(name) || all(name).length > 0 };
}
