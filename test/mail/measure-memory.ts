import { createReadStream, readFileSync } from 'node:fs';
import { parseMail } from '../../src/mail/parse-mail.ts';
import { payloadFromMail } from '../../src/plan/from-mail.ts';

/** Reads the mail named on the command line and prints what it cost; run as a process of its own by memory.test.ts. */
const message = await parseMail(createReadStream(process.argv[2] ?? ''));
const { payload } = payloadFromMail(
  'mailkite-message',
  message,
  { linkAttachment: () => 'http://127.0.0.1/att' },
  { now: () => 0, sleep: () => Promise.resolve() },
  { token: () => 'x', uuidV4: () => '', uuidV7: () => '' },
);
// On Linux maxRSS begins with what the starting process held (getrusage(2) survives exec); VmHWM is ours alone.
const peakKiB =
  process.platform === 'linux'
    ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    : process.resourceUsage().maxRSS;

process.stdout.write(
  JSON.stringify({
    peakKiB,
    textLength: message.text?.length ?? 0,
    attachmentBytes: message.attachments[0]?.content.length ?? 0,
    subject: payload['subject'],
  }),
);
