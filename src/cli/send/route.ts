import { Option, type Command } from 'commander';
import { openTargets, requireSecrets, secretsOf } from '../../flows/session/open-target.ts';
import {
  FULL_SAMPLE,
  makeEvent,
  targetOptions,
  type EventContent,
  type MailSource,
} from '../../flows/send/make-event.ts';
import {
  listRoutedOrders,
  parseRoutes,
  routeMail,
  type RoutedMail,
  type RoutedOrder,
} from '../../flows/send/route-mail.ts';
import { sendEnvironmentOf, sendEvent } from '../../flows/send/send-event.ts';
import { AppError } from '../../model/error.ts';
import type { Route, Routing } from '../../model/route.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { findRouting } from '../../vendors/routing.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import {
  addNetworkFlags,
  addSecretFlags,
  addStoreFlags,
  collect,
  jsonFlag,
  type NetworkFlags,
  type StoreFlags,
  noHistoryFlag,
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { mailSource, readInput } from '../terminal/read-input.ts';
import { renderRouted, routedDocument } from './render-routed.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { openEnvironment } from '../terminal/environment.ts';
import { plainLine } from '../terminal/text.ts';

/** A thousand routes take some 100 KiB. */
const MAX_ROUTES_BYTES = 4 * 1024 * 1024;

interface RouteFlags extends NetworkFlags, MaskFlags, SecretOptions, StoreFlags {
  routes?: string;
  to: string[];
  eml?: string;
  catchAll?: string;
  send?: boolean;
  json?: boolean;
  vendor: string;
}

const WHOSE_MAIL = '--to ADDRESS, or --eml FILE for the recipients of a mail';

/** `webhook route` */
export function routeCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'show which MailKite routes match an address, and where its mail goes',
    daily: ['--routes', '--to', '--eml', '--send', '--json'],
    topics: ['routing'],
    insteadOfArguments: WHOSE_MAIL,
    flagFor: (word) => (word.includes('@') ? '--to' : '--eml'),
    examples: [
      [
        'webhook route --routes routes.json --to support+billing@example.org',
        'every route, whether it matches, and why',
      ],
      [
        'webhook route --routes routes.json --to sales@example.org --catch-all https://hooks.example.org/rest --json',
        'with the catch-all of the domain, for programs',
      ],
      [
        'webhook route --routes routes.json --eml mail.eml --send --secret-env MAILKITE_SECRET',
        'the recipients of a real mail, delivered to each webhook and recorded as send does',
      ],
      [
        'webhook route --vendor mailkite-selfhost --routes routes.json --to support-7@example.org',
        'the routes of a self-hosted server, whose patterns differ',
      ],
    ],
  })
    .option('--routes <file>', 'the routes: a JSON list of {"match", "action", "destination", …}, - for stdin')
    .option('--to <address>', 'the recipient (repeatable; default: those of the mail)', collect, [])
    .option('--eml <file>', 'the mail itself, for its recipients and for --send')
    .option('--catch-all <url>', "the domain's own webhook: gets what no route matches (self-hosted: everything)")
    .option('--vendor <id>', 'whose rules: mailkite, or mailkite-selfhost for your own server', 'mailkite')
    .addOption(new Option('--send', 'deliver to each webhook that gets it, as webhook send does'))
    .addOption(jsonFlag());
  addStoreFlags(addNetworkFlags(addMaskFlag(addSecretFlags(command)))).addOption(noHistoryFlag());
  return command.action(act(route));
}

async function route(flags: RouteFlags): Promise<ExitCode> {
  checkFlags(flags);
  const routing = findRouting(flags.vendor);
  const routes = await readRoutesFile(flags.routes ?? '', routing);
  const mail = flags.eml === undefined ? undefined : await mailSource(flags.eml);
  const recipients = flags.to.length > 0 ? flags.to : await recipientsOf(mail);
  const routed = routeMail(routes, recipients, flags.catchAll ?? null, routing);
  if (flags.json) answerJson({ vendor: routing.vendor, routed: routed.map((one) => routedDocument(one, routing)) });
  else answer(routed.map((one) => renderRouted(one, routing)).join('\n\n'));
  const slow = routed.flatMap((one) => one.routes.filter(({ matches }) => matches === null));
  if (slow.length > 0)
    warn(
      `${slow.length} ${slow.length === 1 ? 'route' : 'routes'} could not be evaluated in time, and ` +
        `${flags.send ? 'nothing is sent by them' : 'may get it too'}`,
    );
  const isSure = slow.length === 0 || flags.send !== true;
  const code: ExitCode = isSure && routed.every(({ isAccepted }) => isAccepted) ? 0 : 1;
  if (!flags.send) return code;
  const sent = await sendRouted(routed, mail, routing, flags);
  return sent > code ? sent : code;
}

async function readRoutesFile(file: string, routing: Routing): Promise<Route[]> {
  const { findNearMiss } = await import('../terminal/names.ts');
  const name = file === '-' ? 'standard input' : file;
  const bytes = await readInput(file, '--routes', MAX_ROUTES_BYTES);
  const { routes, ignoredKeys } = parseRoutes(bytes, name, routing, findNearMiss);
  if (ignoredKeys.length > 0)
    say(plainLine(`note: ${name}: these keys have no effect here and are ignored: ${ignoredKeys.join(', ')}`));
  return routes;
}

/** Refuses flags that would do nothing. Throws AppError `usage`. */
function checkFlags(flags: RouteFlags): void {
  if (flags.routes === undefined)
    throw new AppError('usage', 'no routes were given', {
      hint: 'add --routes FILE with a JSON list; webhook help routing explains its contents',
    });
  if (flags.to.length === 0 && flags.eml === undefined)
    throw new AppError('usage', 'no recipient was given', { hint: WHOSE_MAIL });
  const [first, second] = Object.entries({
    '--routes': flags.routes,
    '--eml': flags.eml,
    '--secret-file': flags.secretFile,
  })
    .filter(([, one]) => [one].flat().includes('-'))
    .map(([flag]) => flag);
  if (second !== undefined)
    throw new AppError('usage', `${first} and ${second} cannot both read standard input`, {
      hint: 'give one of them as a file',
    });
  if (flags.send) return;
  const idle = Object.entries({
    '--secret-env': flags.secretEnv,
    '--secret-file': flags.secretFile,
    '--secret': flags.secret,
    '--cert': flags.cert,
    '--max-time': flags.maxTime,
    '--eml': flags.to.length > 0 ? flags.eml : undefined,
  });
  const flag = idle.find(([, value]) => value !== undefined)?.[0];
  if (flag !== undefined)
    throw new AppError('usage', `${flag} has no effect without --send`, { hint: `add --send, or leave out ${flag}` });
}

async function recipientsOf(mail: MailSource | undefined): Promise<string[]> {
  const { readRecipients } = await import('../../mail/read-recipients.ts');
  const found = mail === undefined ? [] : await readRecipients(mail.open());
  if (found.length === 0)
    throw new AppError('input', 'the mail has no recipient', { hint: 'give one with --to ADDRESS' });
  return found.map(({ address }) => address);
}

async function sendRouted(
  routed: readonly RoutedMail[],
  mail: MailSource | undefined,
  routing: Routing,
  flags: RouteFlags,
): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const orders = listRoutedOrders(routed, environment.config, routing, await environment.vendors.load(routing.vendor));
  if (orders.length === 0) {
    warn('no webhook gets this mail, so nothing is sent');
    return 0;
  }
  const targets = await openTargets(
    orders.map(({ target }) => target),
    { ...flags, isSecretFallback: true },
    environment,
  );
  requireSecrets(targets, []);
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  const report = makeSentReporter({ json: flags.json === true, total: orders.length, retry: false });
  const history = await environment.openWriter();
  try {
    for (const [index, target] of targets.entries()) {
      const { recipient } = orders[index] as RoutedOrder;
      const { vendor, signingSecret } = target;
      const options = {
        ...contentFor(recipient, mail, routing),
        ...targetOptions(target, environment.newDeliveryId()),
        recipient: mail === undefined ? undefined : recipient,
      };
      const plan = await makeEvent(options, vendor, signingSecret, environment.clock, environment.recordIds);
      const sending = await sendEnvironmentOf(target, history, environment);
      report.sent(await sendEvent(plan, secretsOf(target), sending));
    }
  } finally {
    await Promise.all([history?.close(), ...targets.map((target) => target.close())]);
  }
  return report.end();
}

/** The mail, of which each recipient gets a copy; without one the sample, addressed to the recipient. */
function contentFor(recipient: string, mail: MailSource | undefined, { recipient: fields }: Routing): EventContent {
  if (mail !== undefined) return { headers: [], mail };
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  const set = [
    `${fields.address}=${recipient}`,
    ...(fields.domain === undefined ? [] : [`${fields.domain}=${domain.toLowerCase()}`]),
  ];
  return { ...FULL_SAMPLE, overrides: { set, add: [], remove: [] } };
}
