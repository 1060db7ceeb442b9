import { findWebhook } from '../../config/select-webhook.ts';
import type { ConformanceCase, Setting } from '../../conform/conformance-case.ts';
import { listCases } from '../../conform/list-cases.ts';
import { findStray, GROUPS, selectCases, type CaseChoice } from '../../conform/select-cases.ts';
import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import { findEvent, findVendor } from '../../vendors/index.ts';
import { chooseTargets, type Target } from '../session/choose-targets.ts';
import type { OpenTarget } from '../session/open-target.ts';

export interface SuiteTargetOptions {
  /** Names or uuids of configured webhooks; empty is all, unless there is a URL. */
  names: readonly string[];
  url?: string;
  vendor?: string;
  /** The events that the endpoint is for; all when left out. */
  events?: readonly string[];
  select?: readonly string[];
}

/**
 * The endpoints the suite runs against, each vendor with the events alone that the endpoint is for. Throws AppError
 * `usage`.
 */
export function chooseSuiteTargets(options: SuiteTargetOptions, config: Config): Target[] {
  const { names, url } = options;
  if (url !== undefined && names.length > 1)
    throw new AppError('usage', `--url is one endpoint, and ${names.length} webhooks are named`, {
      hint: 'name one, to use its secret, or none',
    });
  if (url !== undefined && names.length === 0) return [adHoc(options, url)];
  if (options.vendor !== undefined && url === undefined)
    throw new AppError('usage', '--vendor does nothing without --url', {
      hint: 'configured webhooks have their vendor',
    });
  return chooseWebhooks(names, config).map((webhook) => configured(webhook, options, config));
}

function adHoc(options: SuiteTargetOptions, url: string): Target {
  if (options.vendor === undefined)
    throw new AppError('usage', 'which vendor calls this URL?', { hint: 'add --vendor ID; webhook events lists them' });
  const { vendor, events, select } = options;
  const [target] = chooseTargets({ url, vendor, ...firstEvent(vendor, events), select }, { path: null, webhooks: [] });
  return narrow(target as Target, events);
}

function firstEvent(vendor: string, events: readonly string[] | undefined): { event: string } {
  return { event: events?.[0] ?? findVendor(vendor).events[0]?.name ?? '' };
}

function configured(webhook: Webhook, { url, select, events }: SuiteTargetOptions, config: Config): Target {
  const own = events ?? (webhook.events.length === 0 ? undefined : webhook.events);
  const options = {
    to: webhook.uuid,
    event: own?.[0] ?? findVendor(webhook.vendor).events[0]?.name ?? '',
    url,
    select,
  };
  const [target] = chooseTargets(options, config);
  return narrow(target as Target, own);
}

function chooseWebhooks(names: readonly string[], { webhooks }: Config): readonly Webhook[] {
  if (names.length > 0) return names.map((name) => findWebhook(webhooks, name));
  if (webhooks.length > 0) return webhooks;
  throw new AppError('usage', 'there is nothing to test: no webhook is configured', {
    hint: 'webhook test --url URL --vendor ID, or configure one: webhook add',
  });
}

/** With the listed events alone: cases are made from what the vendor has. */
function narrow(target: Target, events: readonly string[] | undefined): Target {
  if (events === undefined) return target;
  const vendor: Vendor = { ...target.vendor, events: events.map((name) => findEvent(target.vendor, name)) };
  return { ...target, vendor };
}

/** The cases that apply to the target and are wanted. */
export function wantedCases(target: OpenTarget, choice: CaseChoice): ConformanceCase[] {
  return selectCases(listCases(settingOf(target)), choice);
}

export function settingOf({ vendor, url, curl, signingSecret }: OpenTarget): Setting {
  const prefix = vendor.signature.value?.secretPrefix;
  return {
    vendor,
    isSecure: /^https:/i.test(url),
    hasClientCertificate: (curl.cert ?? curl.key ?? curl.pfx) !== undefined,
    hasSecretPrefix: prefix !== undefined && signingSecret !== null && signingSecret.startsWith(prefix),
  };
}

/** Throws AppError `usage` for a pattern of `--only` or `--skip` that means no case of any of the targets. */
export function refuseStrayCases(targets: readonly OpenTarget[], choice: CaseChoice): void {
  const cases = targets.flatMap((target) => listCases(settingOf(target)));
  const stray = findStray(cases, choice);
  if (stray === undefined) return;
  throw new AppError('usage', `there is no case "${stray}" here`, {
    hint: 'webhook test --list shows the cases that apply',
    unknown: { given: stray, among: [...new Set(cases.map(({ id }) => id)), ...GROUPS] },
  });
}
