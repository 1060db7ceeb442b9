// Made by: npx vitest run test/vendors/vendor-index.test.ts -u
import type { BuiltInVendor } from './vendor-entry.ts';

/** Every built-in vendor, in the order they are shown: the names without the data. */
export const BUILT_IN: readonly BuiltInVendor[] = [
  { id: 'mailkit', title: 'Mailkit',
    events: ['subscribe', 'unsubscribe', 'topics_change'],
    selectable: [],
    isSigned: false, showsCertificate: true, isOriginal: true,
    load: async () => (await import('./mailkit.ts')).mailkit },
  { id: 'mailkite', title: 'MailKite',
    events: ['email.received', 'email.sent', 'email.bounced', 'email.complained', 'email.opened', 'email.clicked'],
    selectable: [],
    isSigned: true, showsCertificate: false, isOriginal: true,
    load: async () => (await import('./mailkite.ts')).mailkite },
  { id: 'mailkite-selfhost', title: 'MailKite, self-hosted',
    events: ['inbound'],
    selectable: [],
    isSigned: true, showsCertificate: false, isOriginal: true,
    load: async () => (await import('./mailkite-selfhost.ts')).mailkiteSelfhost },
  { id: 'mail2many', title: 'mail2many',
    events: ['optin', 'optin_additional_channels', 'optout', 'optout_individual_channels'],
    selectable: [],
    isSigned: true, showsCertificate: false, isOriginal: true,
    load: async () => (await import('./mail2many.ts')).mail2many },
  { id: 'mail-plus', title: 'Mail-Plus',
    events: ['inbound'],
    selectable: ['timestamp', 'header', 'body', 'subject', 'from', 'to', 'bcc', 'spf', 'dkim', 'spam', 'ip'],
    isSigned: false, showsCertificate: false, isOriginal: true,
    load: async () => (await import('./mail-plus.ts')).mailPlus },
];
