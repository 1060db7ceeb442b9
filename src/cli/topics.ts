import type { TopicEntry, TopicPart } from './terminal/topic.ts';

/** Its text stands under its name in the file of its family. */
const topic = <Name extends string>(
  name: Name,
  summary: string,
  loadFamily: () => Promise<{ TEXTS: Record<Name, () => readonly TopicPart[]> }>,
): TopicEntry => ({ name, summary, load: async () => (await loadFamily()).TEXTS[name]() });

const general = () => import('./terminal/topics.ts');
const vendor = () => import('./vendor/topics.ts');
const send = () => import('./send/topics.ts');
const history = () => import('./history/render-statistics.ts');
const receive = () => import('./receive/topics.ts');
const test = () => import('./test/topics.ts');
const load = () => import('./load/topics.ts');
const certs = () => import('./certs/topics.ts');
const callers = () => import('./callers/topics.ts');
const completion = () => import('./completion/topics.ts');

/** Every topic of `webhook help`, in the order of its list. Names are needed at a start, without the texts. */
export const TOPICS: readonly TopicEntry[] = [
  topic('exit-codes', 'what each exit code means', general),
  topic('configuration', 'webhook.config.json, the history, and the environment variables', general),
  topic('vendors', 'the vendors that are known, your own vendors, and how certain each fact is', vendor),
  topic('secrets', 'where the signing secret comes from, and what is masked', general),
  topic('connection', 'time-outs, certificates and addresses of a connection', general),
  topic('output', 'reports, JSON, colour and what goes to which stream', general),
  topic('starting', 'how --start runs your application for a test', general),
  topic('effects', 'how to report which events the endpoint processed', general),
  topic('reproducibility', 'how to send the same bytes in every run', general),
  topic('mail', 'events made from a real mail, and links to its attachments', send),
  topic('statistics', 'what webhook history stats counts', history),
  topic('retrying', "how webhook retries walks a vendor's retry schedule", send),
  topic('routing', 'how MailKite routes mail to webhooks', send),
  topic('receiving', 'what webhook listen answers, forwards and records', receive),
  topic('captures', 'formats of captured requests that can be read', receive),
  topic('learning', 'how webhook vendor learn makes a vendor file', vendor),
  topic('conformance', 'what webhook test sends, and how it judges the answers', test),
  topic('measuring', 'what webhook load measures, and what --expect can demand', load),
  topic('certificates', 'what verify-cert and certs do, and every check of a client-certificate set-up', certs),
  topic('callers', 'how check-source recognises a vendor', callers),
  topic('allowlists', 'the format of an address list, and what is checked in it', callers),
  topic('shells', 'how to install completion and read man pages', completion),
];
