import { EXPECTABLE_TERMS } from '../../load/expectations.ts';
import { flagTerms } from '../terminal/describe-flag.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { addResultFlags } from './load-outputs.ts';

export const TEXTS = {
  measuring: (): readonly TopicPart[] => [
    'Times are those of answered attempts, to 0.1 %: the service time starts when an event was sent, the ' +
      'response time when it was due. Without --rate nothing is due before it is sent, so both are the same.',
    flagTerms((command) => addResultFlags(command)),
    '--expect takes a figure, one of < <= > >= =, and a limit, in quotes, or the shell takes < and > for itself: ' +
      "'p99<500ms', 'p99.9(service)<1s', 'delivered>99.9%', 'dropped=0'. A time needs its unit: us, ms, s or m.",
    { title: 'Figures:', terms: EXPECTABLE_TERMS },
    'An attempt without an answer is slower than any limit, and so is a dropped event by its response time: ' +
      'p99 can only hold if 99 of 100 were answered.',
    'Without --expect every event must be delivered, and no request sent twice. In either case a run fails if ' +
      'it dropped events or was late (unless that is allowed), if it was interrupted, or if it had no answer at all. ' +
      "It also fails if nothing was delivered, unless a limit allows that: 'delivered=0', or one that asks for " +
      "refusals, 'status(401)=100%'.",
    'The percentile distribution is the text format that HdrHistogram plotters read. --reporter html=FILE ' +
      'writes a page with charts, --verbose shows each second.',
    '--json prints one document {schemaVersion, kind: "load", runs, target, events, arrival, startedAt, durationMs, ' +
      'counts, response, service, late, generator, slow, statuses, errorCodes, throttled, series, expectations, ' +
      'verdict, …}; the times have a histogram each, in the form of HdrHistogram (V2, compressed, Base64), of ' +
      'microseconds.',
    'webhook load merge combines the reports of several machines (--reporter json=FILE): counts and ' +
      'distributions are added. Reports of different endpoints or timetables, or with a run in common, are refused.',
  ],
};
