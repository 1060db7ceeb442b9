import type { JWT_MISTAKES } from '../../vendors/mistakes/jwt.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import { tryParseJson, isObject } from '../../model/json.ts';
import type { BehaviourChange, StepContext } from '../receiver-behaviour.ts';
import { checkLaxly } from './lax-signature.ts';

/** Mistakes in verifying a JWT. */
export const JWT_BUGS: Record<ShownMistakeId<typeof JWT_MISTAKES>, BehaviourChange> = {
  'unsigned-jwt': (correct) => ({
    signature: (context) => (headersOf(context).some(isUnsigned) ? null : correct.signature(context)),
  }),
  'unverified-jwt': (correct) => ({
    signature: (context) => (headersOf(context).length > 0 ? null : correct.signature(context)),
  }),
  'public-key-as-secret': () => ({
    signature: checkLaxly({ mistakes: [{}, { key: 'public-key' }, { key: 'public-key-trimmed' }] }),
  }),
};

/** What the tokens of the request say of themselves. */
function headersOf({ request, setup }: StepContext): Record<string, unknown>[] {
  const tokens = setup.signing?.read(request).flatMap(({ values }) => values) ?? [];
  return tokens
    .map((token) => tryParseJson(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')))
    .filter((header) => isObject(header));
}

const isUnsigned = ({ alg }: Record<string, unknown>): boolean => String(alg).toLowerCase() === 'none';
