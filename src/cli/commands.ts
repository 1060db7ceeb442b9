import type { CommandEntry } from './terminal/command-entry.ts';

/** Every command of `webhook`, in the order of its help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'send',
    summary: 'send a signed sample event, a real mail or your own JSON to an endpoint',
    group: 'Send',
    load: async () => (await import('./send/send.ts')).sendCommand,
  },
  {
    name: 'replay',
    summary: 'send a recorded delivery again, to the same or another URL',
    group: 'Send',
    load: async () => (await import('./send/replay.ts')).replayCommand,
  },
  {
    name: 'retries',
    summary: "walk a vendor's retry schedule against an endpoint, in seconds",
    group: 'Send',
    load: async () => (await import('./send/retries.ts')).retriesCommand,
  },
  {
    name: 'route',
    summary: 'show which MailKite routes take the mail of an address, and where it goes',
    group: 'Send',
    load: async () => (await import('./send/route.ts')).routeCommand,
  },
  {
    name: 'events',
    summary: 'show what each vendor sends, field by field, and how certain each fact is',
    group: 'Send',
    load: async () => (await import('./send/events.ts')).eventsCommand,
  },
  {
    name: 'sample',
    summary: 'print the body of a sample event as it would be sent',
    group: 'Send',
    load: async () => (await import('./send/sample.ts')).sampleCommand,
  },
  {
    name: 'listen',
    summary: 'receive requests: verify, show, record and forward them, or fail on purpose',
    group: 'Receive',
    load: async () => (await import('./receive/listen.ts')).listenCommand,
  },
  {
    name: 'receiver',
    summary: 'print the code of a receiver that verifies a vendor: Express, Flask or PHP',
    group: 'Receive',
    load: async () => (await import('./receive/receiver.ts')).receiverCommand,
  },
  {
    name: 'verify',
    summary: 'verify a captured request offline: valid, stale or forged, and why',
    group: 'Receive',
    load: async () => (await import('./receive/verify.ts')).verifyCommand,
  },
  {
    name: 'test',
    summary: 'check that an endpoint accepts what it should and rejects what it should',
    group: 'Check',
    load: async () => (await import('./test/test.ts')).testCommand,
  },
  {
    name: 'handshake',
    summary: 'ask an endpoint what its vendor asks before sending events',
    group: 'Check',
    load: async () => (await import('./test/handshake.ts')).handshakeCommand,
  },
  {
    name: 'verify-cert',
    summary: 'check that an endpoint enforces client certificates and accepts yours',
    group: 'Check',
    load: async () => (await import('./certs/verify-cert.ts')).verifyCertCommand,
  },
  {
    name: 'certs',
    summary: 'create, inspect and watch certificates; print server configuration',
    group: 'Check',
    load: async () => (await import('./certs/certs.ts')).certsCommand,
  },
  {
    name: 'check-source',
    summary: 'check whether a caller is the vendor, by DNS, networks, lists or server rules',
    group: 'Check',
    load: async () => (await import('./callers/check-source.ts')).checkSourceCommand,
  },
  {
    name: 'allowlist',
    summary: 'check, lint and convert lists of addresses and networks',
    group: 'Check',
    load: async () => (await import('./callers/allowlist.ts')).allowlistCommand,
  },
  {
    name: 'history',
    summary: 'list, show, count and prune recorded deliveries',
    group: 'Look back',
    load: async () => (await import('./history/history.ts')).historyCommand,
  },
  {
    name: 'export',
    summary: 'export the history as CSV, NDJSON, JSON or a table (= mp-export)',
    group: 'Look back',
    load: async () => (await import('./history/export.ts')).exportCommand,
  },
  {
    name: 'demo',
    summary: 'see everything work against a built-in receiver, in five seconds',
    group: 'Set up',
    load: async () => (await import('./setup/demo.ts')).demoCommand,
  },
  {
    name: 'init',
    summary: 'create a webhook.config.json here',
    group: 'Set up',
    load: async () => (await import('./setup/init.ts')).initCommand,
  },
  {
    name: 'add',
    summary: 'add a webhook to webhook.config.json',
    group: 'Set up',
    load: async () => (await import('./setup/add.ts')).addCommand,
  },
  {
    name: 'list',
    summary: 'list the configured webhooks',
    group: 'Set up',
    load: async () => (await import('./setup/list.ts')).listCommand,
  },
  {
    name: 'remove',
    summary: 'remove a webhook from webhook.config.json',
    group: 'Set up',
    load: async () => (await import('./setup/remove.ts')).removeCommand,
  },
  {
    name: 'config',
    summary: 'show the configuration as it is read, secrets masked',
    group: 'Set up',
    load: async () => (await import('./setup/config.ts')).configCommand,
  },
  {
    name: 'vendor',
    summary: 'list vendors; show, check or learn a vendor file of your own',
    group: 'Set up',
    load: async () => (await import('./vendor/vendor.ts')).vendorCommand,
  },
];
