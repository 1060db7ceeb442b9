import { headerAt, type Signature } from '../../model/signature.ts';

export interface LearnedSignature {
  signature: Signature;
  /** Of the same secret, in other places of the same request. */
  further: readonly Signature[];
  /** What else fits every capture: which it is, they cannot tell. */
  alternatives: readonly Signature[];
}

/** The likeliest of what fits everywhere: first by its algorithm and place, then in the order of the readings. */
export function chooseSignature(fitting: readonly (readonly Signature[])[]): LearnedSignature | null {
  const places = new Map<string, Signature[]>();
  const specs = fitting.flat();
  const isComputed = specs.some(({ algorithm }) => algorithm !== 'token');
  // Where something is computed with the secret, a body that holds it says nothing of signatures.
  for (const spec of specs.filter(
    ({ algorithm, at }) => !(isComputed && algorithm === 'token' && headerAt(at) === null),
  )) {
    const place = JSON.stringify(spec.at);
    places.set(place, [...(places.get(place) ?? []), spec]);
  }
  const [own, ...others] = [...places.values()].toSorted(([one], [other]) => strength(other) - strength(one));
  const [signature] = own ?? [];
  if (own === undefined || signature === undefined) return null;
  const alternatives = own.filter((spec) => meaningOf(spec) !== meaningOf(signature));
  const distinct = new Map(alternatives.map((spec) => [meaningOf(spec), spec]));
  return { signature, further: others.flatMap(([first]) => first ?? []), alternatives: [...distinct.values()] };
}

/** What two readings of one scheme share: how the rest of the text is laid out is no part of it. */
function meaningOf({ algorithm, message, key, encoding, timestamp }: Signature): string {
  // Which alphabet it is shows only in some of the values, and the usual one is then meant.
  const chain = encoding?.map((one) => (one === 'base64url' ? 'base64' : one));
  return JSON.stringify([algorithm, message, key, chain, message.includes('timestamp') ? timestamp : null]);
}

function strength(spec: Signature | undefined): number {
  if (spec === undefined) return -1;
  const { algorithm, at } = spec;
  const place = 'header' in at ? 0.5 : 0;
  if (algorithm === 'token') return place;
  return (/md5|sha1/.test(algorithm) ? 2 : 4) + place;
}
