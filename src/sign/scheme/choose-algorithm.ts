import { readJsonText } from '../../model/json-span.ts';
import type { Signature } from '../../model/signature.ts';
import type { SignedSubject } from './message.ts';

const chosen = new WeakMap<Signature, Map<string, Signature>>();

/** By the algorithm that this request says, of those of one key; what it says and is unknown counts not. */
export function chooseAlgorithm(spec: Signature, { body }: Pick<SignedSubject, 'body'>): Signature {
  const { algorithmBy, algorithm: usual } = spec;
  if (algorithmBy === undefined || !usual.startsWith('rsa-sha')) return spec;
  const said = readJsonText(body, algorithmBy.json) ?? '';
  const algorithm = Object.hasOwn(algorithmBy.values, said) ? algorithmBy.values[said] : undefined;
  if (algorithm === undefined) return spec;
  // The same one each time: the key that is read from its secret is kept by it.
  const known = chosen.get(spec) ?? new Map<string, Signature>();
  chosen.set(spec, known);
  const found = known.get(algorithm) ?? { ...spec, algorithm };
  known.set(algorithm, found);
  return found;
}
