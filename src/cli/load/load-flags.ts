import { InvalidArgumentError, Option, type Command } from 'commander';
import { mostParts } from '../../load/load-part.ts';
import type { RateProfile } from '../../load/timetable.ts';
import { AppError } from '../../model/error.ts';
import type { Arrival } from '../../model/load-report.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { plural } from '../../model/wording.ts';
import { addSampleFlags, headerFlag, requireFlag, type EventFlags } from '../send/send-flags.ts';
import { connectionCount, count, durationMs } from '../terminal/flag-values.ts';
import {
  addNetworkFlags,
  addRepeatFlags,
  addSecretFlags,
  addStoreFlags,
  addTargetFlag,
  collect,
  noHistoryFlag,
  type NetworkFlags,
  type RepeatFlags,
  type StoreFlags,
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { addStartFlags } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { addLoadReportFlags, type LoadReportFlags } from './load-outputs.ts';

/** How fast events come. */
export interface PaceFlags {
  rate?: RateProfile;
  arrival?: 'constant' | 'poisson';
  maxInFlight?: number;
  connections?: number;
  /** Milliseconds. */
  duration?: number;
  count?: number;
  enqueue?: boolean;
  burst?: boolean;
  timeScale?: number;
  threads?: number;
}

export interface LoadFlags
  extends
    PaceFlags,
    NetworkFlags,
    MaskFlags,
    SecretOptions,
    StoreFlags,
    RepeatFlags,
    StartFlags,
    LoadReportFlags,
    Pick<EventFlags, 'minimal' | 'variant' | 'set' | 'add' | 'remove' | 'select' | 'jsonStyle' | 'header'> {
  url?: string;
  to?: string;
  uuid?: string;
  vendor?: string;
  event?: string;
  allowHost: string[];
  ackMode?: AckMode;
}

/** In the order of the help. */
export function addLoadFlags(command: Command): Command {
  command.optionsGroup('Where to:').option('--url <url>', 'the endpoint');
  addTargetFlag(command)
    .option('--uuid <uuid>', 'uuid to record an ad-hoc --url under (default: made from vendor and URL)')
    .option('--allow-host <host>', 'put load on this host, which is not this machine (repeatable)', collect, [])
    .optionsGroup('Events:')
    .option('--vendor <id|file>', 'the vendor to play; leave it out if the event name is unique')
    .option(
      '--event <mix>',
      'events by weight: optin=3,optout=1 (default: all of the webhook)',
      (mix: string, before?: string) => (before === undefined ? mix : `${before},${mix}`),
    );
  addSampleFlags(command).addOption(headerFlag());
  addPaceFlags(command);
  addLoadReportFlags(command);
  addMaskFlag(addSecretFlags(command));
  addStartFlags(command);
  return addStoreFlags(addRepeatFlags(addNetworkFlags(command))).addOption(noHistoryFlag());
}

function addPaceFlags(command: Command): void {
  command
    .optionsGroup('Load:')
    .option('--rate <rate>', 'open loop: events per second, or a ramp: 10..500/60s', rate)
    .addOption(
      new Option('--arrival <kind>', 'with --rate: constant, or poisson, like many independent callers').choices([
        'constant',
        'poisson',
      ]),
    )
    .option('--max-in-flight <n>', 'with --rate: drop what is due above this (default: 1000)', connectionCount)
    .option(
      '--connections <n>',
      'without --rate: connections that each wait for an answer (default: 10)',
      connectionCount,
    )
    .option('--duration <duration>', 'run for this long (default: 10s, or the ramp)', durationMs)
    .option('--count <n>', 'send at most this many events (default: 10000)', count)
    .option('--threads <n>', 'threads that send (default: as many as help this load on this machine)', threadCount)
    .addOption(enqueueFlag())
    .option('--burst', 'retry failed events as the vendor does')
    .option('--time-scale <factor>', 'with --burst: this many times faster (default: 3600)', count)
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as accepted').choices(['lenient', 'ack', 'control']),
    );
}

/** Nothing is sent, so that nothing is measured. */
const enqueueFlag = (): Option =>
  new Option('--enqueue', 'queue the events instead: webhook worker sends them').conflicts([
    'connections',
    'maxInFlight',
    'threads',
    'burst',
    'timeScale',
    'start',
    'startLog',
    'waitReady',
    'expect',
    'allowDropped',
    'allowLate',
    'hgrm',
    'reporter',
  ]);

const MOST_PER_SECOND = 1_000_000;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `50`, `50/s`, `3000/m`, or a ramp: `10..500/60s`. */
export function rate(text: string): RateProfile {
  const [, single = '', unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text) ?? [];
  if (single !== '') return { kind: 'constant', perSecond: perSecond(Number(single) / (UNIT_SECONDS[unit] as number)) };
  const [, from = '', to = '', over = ''] = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)\/(.+)$/.exec(text) ?? [];
  if (from === '') throw new InvalidArgumentError('expected events per second, such as 50, 3000/m or 10..500/60s');
  perSecond(Math.max(Number(from), Number(to)));
  return { kind: 'ramp', fromPerSecond: Number(from), toPerSecond: Number(to), overMs: durationMs(over) };
}

function perSecond(number: number): number {
  if (!(number > 0 && number <= MOST_PER_SECOND))
    throw new InvalidArgumentError(`expected a rate above 0 and at most ${MOST_PER_SECOND} per second`);
  return number;
}

const MOST_THREADS = 64;

function threadCount(text: string): number {
  const threads = count(text);
  if (threads > MOST_THREADS) throw new InvalidArgumentError(`expected at most ${MOST_THREADS} threads`);
  return threads;
}

/** Throws AppError `usage` for a flag that would do nothing. */
export function checkPaceFlags(flags: PaceFlags): void {
  const { rate: given, arrival, maxInFlight, burst, timeScale, threads = 1 } = flags;
  requireFlag('--arrival', arrival !== undefined, '--rate', given !== undefined);
  requireFlag('--max-in-flight', maxInFlight !== undefined, '--rate', given !== undefined);
  requireFlag('--time-scale', timeScale !== undefined, '--burst', burst === true);
  if (arrival === 'poisson' && given?.kind === 'ramp')
    throw new AppError('usage', '--arrival poisson keeps to one rate, and --rate is a ramp', {
      hint: 'leave out --arrival, or give one rate',
    });
  const most = mostParts(arrivalOf(flags));
  if (threads > most)
    throw new AppError('usage', `--threads ${threads} share ${plural(most, 'connection')}: each needs one`, {
      hint: `use at most ${most}, or raise ${given === undefined ? '--connections' : '--max-in-flight'}`,
    });
}

const DEFAULT_CONNECTIONS = 10;
const DEFAULT_IN_FLIGHT = 1000;

export function arrivalOf({ rate: given, arrival, maxInFlight = DEFAULT_IN_FLIGHT, connections }: PaceFlags): Arrival {
  if (given === undefined) return { kind: 'closed', connections: connections ?? DEFAULT_CONNECTIONS };
  const limits = { maxInFlight, ...(connections === undefined ? {} : { connections }) };
  return given.kind === 'ramp' || arrival === undefined
    ? { ...given, ...limits }
    : { ...given, kind: arrival, ...limits };
}

const DEFAULT_MS = 10_000;
const DEFAULT_COUNT = 10_000;

/** Where nothing is said the run is short; who names one bound needs no other. */
export function boundsOf({ rate: given, duration, count: most }: PaceFlags): { durationMs: number; count: number } {
  if (duration !== undefined || most !== undefined)
    return { durationMs: duration ?? Infinity, count: most ?? Infinity };
  return given?.kind === 'ramp'
    ? { durationMs: given.overMs, count: Infinity }
    : { durationMs: DEFAULT_MS, count: DEFAULT_COUNT };
}
