import type { TopicEntry } from './terminal/topic.ts';

/** Every topic of `webhook help`, in the order of its list. */
export const TOPICS: readonly TopicEntry[] = [
  {
    name: 'exit-codes',
    summary: 'what each exit code means',
    load: async () => (await import('./terminal/topics/exit-codes.ts')).EXIT_CODES_TOPIC,
  },
  {
    name: 'configuration',
    summary: 'webhook.config.json, the history, and the environment variables',
    load: async () => (await import('./terminal/topics/configuration.ts')).configurationTopic(),
  },
  {
    name: 'vendors',
    summary: 'whose webhooks there are, vendors of your own, and how certain each fact is',
    load: async () => (await import('./vendor/vendors-topic.ts')).vendorsTopic(),
  },
  {
    name: 'secrets',
    summary: 'where the signing secret comes from, and what is masked',
    load: async () => (await import('./terminal/topics/secrets.ts')).secretsTopic(),
  },
  {
    name: 'connection',
    summary: 'time-outs, certificates and addresses of a connection',
    load: async () => (await import('./terminal/topics/connection.ts')).connectionTopic(),
  },
  {
    name: 'output',
    summary: 'reports, JSON, colour and what goes to which stream',
    load: async () => (await import('./terminal/topics/output.ts')).outputTopic(),
  },
  {
    name: 'starting',
    summary: 'how --start runs your application for a test',
    load: async () => (await import('./terminal/topics/starting.ts')).startingTopic(),
  },
  {
    name: 'effects',
    summary: 'how to tell which events the endpoint really processed',
    load: async () => (await import('./terminal/topics/effects.ts')).effectsTopic(),
  },
  {
    name: 'reproducibility',
    summary: 'the same bytes in every run',
    load: async () => (await import('./terminal/topics/reproducibility.ts')).reproducibilityTopic(),
  },
  {
    name: 'mail',
    summary: 'events made from a real mail, and links to its attachments',
    load: async () => (await import('./send/mail-topic.ts')).mailTopic(),
  },
  {
    name: 'statistics',
    summary: 'what webhook history stats counts',
    load: async () => (await import('./history/statistics-topic.ts')).STATISTICS_TOPIC,
  },
  {
    name: 'retrying',
    summary: "how webhook retries walks a vendor's retry schedule",
    load: async () => (await import('./send/retrying-topic.ts')).RETRYING_TOPIC,
  },
  {
    name: 'routing',
    summary: 'how MailKite routes mail to webhooks',
    load: async () => (await import('./send/routing-topic.ts')).routingTopic(),
  },
  {
    name: 'receiving',
    summary: 'what webhook listen answers, forwards and records',
    load: async () => (await import('./receive/receiving-topic.ts')).RECEIVING_TOPIC,
  },
  {
    name: 'captures',
    summary: 'forms of captured requests that can be read',
    load: async () => (await import('./receive/captures-topic.ts')).capturesTopic(),
  },
  {
    name: 'learning',
    summary: 'how webhook vendor learn makes a vendor file',
    load: async () => (await import('./vendor/learning-topic.ts')).LEARNING_TOPIC,
  },
  {
    name: 'conformance',
    summary: 'what webhook test sends, and how it judges the answers',
    load: async () => (await import('./test/conformance-topic.ts')).CONFORMANCE_TOPIC,
  },
  {
    name: 'certificates',
    summary: 'what verify-cert and certs do, and every check of a client-certificate set-up',
    load: async () => (await import('./certs/certificates-topic.ts')).certificatesTopic(),
  },
  {
    name: 'callers',
    summary: 'how check-source tells a vendor from a stranger',
    load: async () => (await import('./callers/callers-topic.ts')).CALLERS_TOPIC,
  },
  {
    name: 'allowlists',
    summary: 'the form of a list of addresses, and what is checked in it',
    load: async () => (await import('./callers/allowlists-topic.ts')).allowlistsTopic(),
  },
  {
    name: 'shells',
    summary: 'how to install completion and read man pages',
    load: async () => (await import('./completion/completion-topic.ts')).COMPLETION_TOPIC,
  },
];
