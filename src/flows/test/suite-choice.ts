import { secretPrefixOf } from '../../vendors/facts.ts';
import { findWebhook } from '../../config/select-webhook.ts';
import type { ConformanceCase, Setting } from '../../conform/conformance-case.ts';
import {
  GROUPS,
  listCases,
  listStray,
  selectCases,
  type CaseChoice,
  type CaseName,
} from '../../conform/cases/list-cases.ts';
import { parseHttpUrl } from '../../model/http-url.ts';
import { AppError } from '../../model/error.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import { selectedEvent } from '../../plan/payload.ts';
import { findEvent } from '../../vendors/find-event.ts';
import { adHocTarget, configuredTarget, type Target } from '../session/choose-targets.ts';
import { canServeCallbacks } from './serve-callbacks.ts';
import { canServeForeignKey } from './serve-foreign-key.ts';
import type { OpenTarget } from '../session/open-target.ts';

export interface SuiteTargetOptions {
  /** Names or uuids of configured webhooks; empty is all, unless there is a URL. */
  names: readonly string[];
  url?: string;
  vendor?: string;
  /** The events that the endpoint is for; all when left out. */
  events?: readonly string[];
  select?: readonly string[];
  /** No endpoint is called: a vendor is enough, and its cases are those of an endpoint at `LOCAL_URL`. */
  isLocal?: boolean;
}

/** Where receivers are developed. */
const LOCAL_URL = new URL('http://127.0.0.1:3000/hook');

/**
 * The endpoints the suite runs against, each vendor with the events alone that the endpoint is for. Throws AppError
 * `usage`.
 */
export async function chooseSuiteTargets(
  options: SuiteTargetOptions,
  config: Config,
  vendors: VendorRegistry,
): Promise<Target[]> {
  const { names, url, vendor, events, select } = options;
  if (url !== undefined && names.length > 1)
    throw new AppError('usage', `--url is one endpoint, but ${names.length} webhooks were given`, {
      hint: 'give one, to use its secret, or none',
    });
  if (url !== undefined && names.length === 0) {
    if (vendor === undefined)
      throw new AppError('usage', 'no vendor was given for this URL', {
        hint: 'add --vendor ID; list the vendors: webhook events',
      });
    return [narrow(adHocTarget(await vendors.load(vendor), parseHttpUrl(url), { select }), events)];
  }
  if (vendor !== undefined && url === undefined && names.length === 0 && options.isLocal)
    return [narrow(adHocTarget(await vendors.load(vendor), LOCAL_URL, { select }), events)];
  if (vendor !== undefined && url === undefined)
    throw new AppError('usage', '--vendor has no effect without --url', {
      hint: 'configured webhooks already have a vendor',
    });
  return Promise.all(
    chooseWebhooks(options, config).map(async (webhook) =>
      narrow(configuredTarget(webhook, await vendors.load(webhook.vendor), options), events ?? webhook.events),
    ),
  );
}

/** Each must list the first of the events that are named. */
function chooseWebhooks({ names, events }: SuiteTargetOptions, { webhooks }: Config): readonly Webhook[] {
  const wanted = names.length > 0 ? names : webhooks.map(({ uuid }) => uuid);
  if (wanted.length === 0)
    throw new AppError('usage', 'nothing to test: no webhook is configured', {
      hint: 'run webhook test --url URL --vendor ID, or configure a webhook: webhook add',
    });
  return wanted.map((nameOrUuid) => findWebhook(webhooks, nameOrUuid, { event: events?.[0] }));
}

/**
 * With the listed events and the selected elements alone: cases are made from what the vendor has. Who names an event
 * has opted in.
 */
function narrow(target: Target, names: readonly string[] | undefined): Target {
  const { vendor, select } = target;
  if (names === undefined && select === undefined) return target;
  const named = names?.map((name) => ({ ...findEvent(vendor, name), optIn: undefined })) ?? vendor.events;
  const events = select === undefined ? named : named.map((event) => selectedEvent(event, select));
  return { ...target, vendor: { ...vendor, events } };
}

/** The cases that apply to the target and are wanted. */
export function wantedCases(target: OpenTarget, choice: CaseChoice): ConformanceCase[] {
  return selectCases(listCases(settingOf(target)), choice);
}

/** The events that these cases may send: of samples alone their own, else any of the vendor's. */
export function eventsOfCases(target: OpenTarget, choice: CaseChoice): string[] {
  const cases = wantedCases(target, choice);
  const names = target.vendor.events.map(({ name }) => name);
  const isSent = (name: string): boolean => cases.some(({ id, isSample }) => !isSample || id.endsWith(`-${name}`));
  return names.filter(isSent);
}

export function settingOf({ vendor, url, curl, signingSecret }: OpenTarget): Setting {
  const prefix = secretPrefixOf(vendor);
  return {
    vendor,
    isSecure: url.protocol === 'https:',
    hasClientCertificate: (curl.cert ?? curl.key ?? curl.pfx) !== undefined,
    servesForeignKey: canServeForeignKey(vendor, url),
    servesCallback: canServeCallbacks(vendor, url),
    hasSecretPrefix: prefix !== undefined && signingSecret !== null && signingSecret.startsWith(prefix),
  };
}

/**
 * The patterns of `--skip` that mean cases, but none of these targets: which cases apply to a vendor changes with what
 * is known of it, and a script that skips more than there is still tests everything else. Throws AppError `usage` for
 * one that means no case at all, and for one of `--only`, which would leave out what was to be proved.
 */
export async function refuseStrayCases(
  targets: readonly OpenTarget[],
  { only, skip }: CaseChoice,
  vendors: VendorRegistry,
): Promise<string[]> {
  if (only.length === 0 && skip.length === 0) return [];
  const cases = targets.flatMap((target) => listCases(settingOf(target)));
  const [[strayOnly], idle] = [listStray(cases, only), listStray(cases, skip)];
  const stray = strayOnly ?? (idle.length === 0 ? undefined : listStray(await casesOfAnyone(vendors), idle)[0]);
  if (stray === undefined) return idle;
  throw new AppError('usage', `no case "${stray}" applies here`, {
    hint: 'list the cases that apply: webhook test --list',
    unknown: { given: stray, among: [...new Set(cases.map(({ id }) => id)), ...GROUPS] },
  });
}

/** Of every vendor and endpoint; and the minimal sample of each event, a case only where it differs from the full. */
async function casesOfAnyone(vendors: VendorRegistry): Promise<CaseName[]> {
  const setting = {
    isSecure: true,
    hasClientCertificate: true,
    hasSecretPrefix: true,
    servesForeignKey: true,
    servesCallback: true,
  };
  return (await vendors.loadAll()).flatMap((vendor) => [
    ...listCases({ ...setting, vendor }),
    ...vendor.events.map(({ name }): CaseName => ({ id: `event-minimal-${name}`, group: 'accept' })),
  ]);
}
