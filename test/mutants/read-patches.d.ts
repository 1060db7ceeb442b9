export interface Patch {
  name: string;
  path: string;
  mistake: string;
  caughtBy: string[];
}
export function readPatches(): Patch[];
