import { EXPECTABLE_TERMS } from '../../load/expectations.ts';
import { flagTerms } from '../terminal/describe-flag.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { addResultFlags } from './load-outputs.ts';

export const TEXTS = {
  measuring: (): readonly TopicPart[] => [
    'Times are those of the attempts that were answered, to 0.1 %: the service time from when an event was sent, the ' +
      'response time from when it was due. Without --rate nothing is due before it is sent, and the two are one.',
    flagTerms((command) => addResultFlags(command)),
    '--expect takes a figure, one of < <= > >= =, and a limit, in quotes, or the shell takes < and > for itself: ' +
      "'p99<500ms', 'p99.9(service)<1s', 'delivered>99.9%', 'dropped=0'. A time needs its unit: us, ms, s or m.",
    { title: 'Figures:', terms: EXPECTABLE_TERMS },
    'An attempt without an answer is slower than any limit, and so is a dropped event by its response time: p99 can ' +
      'only hold when 99 of 100 were answered.',
    'Without --expect every event must be delivered. In either case a run fails that dropped events or was late ' +
      '(unless that is allowed), that was interrupted, or that had no answer at all.',
    'The percentile distribution is the text that plotters of HdrHistogram read. --reporter html=FILE is a page with ' +
      'pictures, --verbose tells each second.',
    '--json prints one document {schemaVersion, kind: "load", target, events, arrival, startedAt, durationMs, ' +
      'counts, response, service, late, generator, slow, statuses, errorCodes, throttled, series, expectations, ' +
      'verdict, …}; the times have a histogram each, in the form of HdrHistogram (V2, compressed, Base64), of ' +
      'microseconds.',
    'webhook load merge makes one report of those of several machines (--reporter json=FILE): counts and ' +
      'distributions add. Reports of different endpoints, or of another timetable, are refused.',
  ],
};
