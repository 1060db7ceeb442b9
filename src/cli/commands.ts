import type { CommandEntry } from './terminal/command-entry.ts';

/** Every command of `webhook`, in the order of its help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'send',
    summary: 'a signed sample event (or a real mail, or your JSON) to an endpoint',
    load: async () => (await import('./send/send.ts')).sendCommand,
  },
  {
    name: 'replay',
    summary: 'a stored delivery again, to the same or another URL',
    load: async () => (await import('./send/replay.ts')).replayCommand,
  },
  {
    name: 'listen',
    summary: 'a receiver that verifies, shows, records, forwards, and fails on request',
    load: async () => (await import('./receive/listen.ts')).listenCommand,
  },
  {
    name: 'verify',
    summary: 'a captured request, offline: valid, stale, forged, and why',
    load: async () => (await import('./receive/verify.ts')).verifyCommand,
  },
  {
    name: 'retries',
    summary: "walk a vendor's retry ladder against an endpoint, on a compressed clock",
    load: async () => (await import('./send/retries.ts')).retriesCommand,
  },
  {
    name: 'route',
    summary: 'which MailKite routes take the mail of an address, and where it goes',
    load: async () => (await import('./send/route.ts')).routeCommand,
  },
  {
    name: 'test',
    summary: 'the conformance suite: what must be accepted, what must be refused',
    load: async () => (await import('./test/test.ts')).testCommand,
  },
  {
    name: 'handshake',
    summary: 'what a vendor asks an endpoint before it sends events, and whether it is answered rightly',
    load: async () => (await import('./test/handshake.ts')).handshakeCommand,
  },
  {
    name: 'verify-cert',
    summary: "the endpoint's client-certificate set-up, diagnosed",
    load: async () => (await import('./certs/verify-cert.ts')).verifyCertCommand,
  },
  {
    name: 'certs',
    summary: 'create and inspect certificates, watch local copies, print server configuration',
    load: async () => (await import('./certs/certs.ts')).certsCommand,
  },
  {
    name: 'check-source',
    summary: 'an address against reverse DNS, vendor networks, allowlists, nginx/Apache rules',
    load: async () => (await import('./callers/check-source.ts')).checkSourceCommand,
  },
  {
    name: 'allowlist',
    summary: 'lists of addresses and networks: check, lint, convert to server configuration',
    load: async () => (await import('./callers/allowlist.ts')).allowlistCommand,
  },
  {
    name: 'history',
    summary: 'list, show, count and prune stored deliveries',
    load: async () => (await import('./history/history.ts')).historyCommand,
  },
  {
    name: 'export',
    summary: 'history out: csv, ndjson, json, table (= mp-export)',
    load: async () => (await import('./history/export.ts')).exportCommand,
  },
  {
    name: 'events',
    summary: 'what can be sent, field by field, with the certainty of each fact',
    load: async () => (await import('./send/events.ts')).eventsCommand,
  },
  {
    name: 'sample',
    summary: 'the body of a sample event, as it would be sent',
    load: async () => (await import('./send/sample.ts')).sampleCommand,
  },
  {
    name: 'vendor',
    summary: 'the vendors that can be played, and files of your own, learned from captured requests',
    load: async () => (await import('./vendor/vendor.ts')).vendorCommand,
  },
  {
    name: 'init',
    summary: 'make a webhook.config.json here',
    load: async () => (await import('./setup/init.ts')).initCommand,
  },
  {
    name: 'add',
    summary: 'a webhook to webhook.config.json',
    load: async () => (await import('./setup/add.ts')).addCommand,
  },
  { name: 'list', summary: 'the configured webhooks', load: async () => (await import('./setup/list.ts')).listCommand },
  {
    name: 'remove',
    summary: 'a webhook from webhook.config.json',
    load: async () => (await import('./setup/remove.ts')).removeCommand,
  },
  {
    name: 'config',
    summary: 'the configuration as it is read, secrets masked',
    load: async () => (await import('./setup/config.ts')).configCommand,
  },
  {
    name: 'demo',
    summary: 'all of it against a receiver of its own, in under five seconds',
    load: async () => (await import('./setup/demo.ts')).demoCommand,
  },
];
