import { findLocation, type FoundLocation } from './locations.ts';
import { matchRegex } from './regex.ts';
import type { Walk } from './walk.ts';

/** The location of a path in the server that the request came to. */
export function locationOf(walk: Walk, path: string): FoundLocation {
  return findLocation(walk.server.locations, path, (location, text) => {
    const { place, name, ignoreCase } = location;
    return place !== null && matchRegex(walk, name, ignoreCase, text, place);
  });
}
