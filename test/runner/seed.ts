import { configureGlobal } from 'fast-check';

/**
 * Of whatever a test makes by chance: fixed, so that no run fails by chance. `TEST_SEED=7 npm test` tries others; so does
 * `npm run soak` with what it makes.
 */
export const SEED = Number(process.env['TEST_SEED'] ?? process.env['SOAK_SEED'] ?? 1);

configureGlobal({ seed: SEED });
