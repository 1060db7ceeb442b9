/** Something that is chosen by the name of a host. */
export interface Named<Value> {
  /** Lower case; `*.example.com`, `.example.com`, `mail.example.*` are wildcards. */
  name: string;
  value: Value;
}

/**
 * The value of the name: exact, then the longest `*.example.com`, then the longest `mail.example.*`. The first of two
 * equal names counts. https://nginx.org/en/docs/http/server_names.html#wildcard_names
 */
export function findByHost<Value>(names: readonly Named<Value>[], host: string): Value | undefined {
  const exact = names.find(({ name }) => name === host || name === `.${host}`);
  if (exact !== undefined || host === '') return exact?.value;
  const heads = names.filter(
    ({ name }) =>
      (name.startsWith('*.') && host.endsWith(name.slice(1)) && host.length > name.length - 1) ||
      (name.startsWith('.') && host.endsWith(name)),
  );
  const tails = names.filter(
    ({ name }) => name.endsWith('.*') && host.startsWith(name.slice(0, -1)) && host.length > name.length - 1,
  );
  return (longest(heads) ?? longest(tails))?.value;
}

const suffixLength = ({ name }: Named<unknown>): number => name.replace(/^\*/, '').length;

const longest = <Value>(names: readonly Named<Value>[]): Named<Value> | undefined =>
  names.reduce<Named<Value> | undefined>(
    (best, one) => (best === undefined || suffixLength(one) > suffixLength(best) ? one : best),
    undefined,
  );

/** The Host header as nginx compares it: no port, no dot at its end, lower case. Null: nginx answers 400. */
export function readHost(header: string): string | null {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000- \u007f/]|\.\./.test(header)) return null;
  const host = (/^\[[^\]]*\]/.exec(header)?.[0] ?? /^[^:]*/.exec(header)?.[0] ?? '').replace(/\.$/, '');
  return host === '' ? null : host.toLowerCase();
}
