/** Finds the name that was probably meant; null when none is near. */
export type FindNearMiss = (given: string, among: readonly string[]) => string | null;
