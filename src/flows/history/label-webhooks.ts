import type { HistoryReader } from '../../history/history.ts';
import { displayUrl } from '../../model/http-url.ts';
import { shortestBeginning } from '../../model/wording.ts';
import type { Webhook } from '../../model/webhook.ts';

/** More than `webhookUuids` tells of: then nobody knows which beginnings are unique. */
const MOST = 1000;

/**
 * What a person calls each of `uuids`: the configured name; else where it is called; else the shortest beginning of the
 * uuid, of eight digits at least, that no other webhook of the configuration or the history has.
 */
export async function labelWebhooks(
  configured: readonly Pick<Webhook, 'name' | 'uuid'>[],
  history: HistoryReader,
  uuids: readonly string[],
): Promise<(uuid: string) => string> {
  const names = new Map(configured.map(({ name, uuid }) => [uuid, name]));
  const placeOf = await placeWebhooks(
    uuids.filter((uuid) => !names.has(uuid)),
    history,
  );
  const stored = await history.webhookUuids();
  const known = [...new Set([...names.keys(), ...stored])];
  const shortOf = (uuid: string): string => (stored.length < MOST ? shortestBeginning(uuid, known) : uuid);
  return (uuid) => names.get(uuid) ?? placeOf(uuid) ?? shortOf(uuid);
}

/** `127.0.0.1:3000/hook`: what a person recognises, without the scheme and secrets. */
export const placeText = (url: string): string => displayUrl(url).replace(/^https?:\/\//, '');

/**
 * The uuids of the webhooks that a table shows by this URL, with its scheme or without; of the configured ones, which
 * it shows by their names, too.
 */
export async function webhooksAt(
  given: string,
  configured: readonly Pick<Webhook, 'uuid' | 'url'>[],
  history: HistoryReader,
): Promise<string[]> {
  const isThere = (place: string | null): boolean => place !== null && wanted.has(place.replace(/\/$/, ''));
  const wanted = new Set([given, placeText(given)].map((place) => place.replace(/\/$/, '')));
  const stored = await history.webhookUuids('', EVERY_ONE);
  const placeOf = await placeWebhooks(stored, history);
  return [
    ...new Set([
      ...configured.filter(({ url }) => isThere(placeText(url))).map(({ uuid }) => uuid.toLowerCase()),
      ...stored.filter((uuid) => isThere(placeOf(uuid))),
    ]),
  ];
}

const EVERY_ONE = -1;

/** Where each of `uuids` is called, as a person reads it; null where that is not known, or was not the same always. */
export async function placeWebhooks(
  uuids: readonly string[],
  history: HistoryReader,
): Promise<(uuid: string) => string | null> {
  const places = new Map<string, string>();
  for (const uuid of new Set(uuids)) {
    const [url, ...others] = await history.webhookUrls(uuid);
    if (url !== undefined && others.length === 0) places.set(uuid, placeText(url));
  }
  return (uuid) => places.get(uuid) ?? null;
}
