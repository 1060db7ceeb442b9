import { MAX_CAPTURE_BYTES } from '../../receive/capture/read-capture.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const capturesTopic = (): readonly TopicPart[] => [
  {
    title: `A captured request is any of these; a file may have ${MAX_CAPTURE_BYTES / 1024 / 1024} MiB:`,
    terms: [
      ['listen --json', 'what webhook listen --json printed, every line of it'],
      ['raw HTTP', 'as a server or proxy logged it'],
      ['HAR', 'all its requests'],
      ['curl command', 'as browsers and Postman copy it, for bash or (with ^) for Windows; it is not run'],
      ['curl -v, --trace', 'what curl wrote; that of -v needs --body with the bytes of the body'],
      ['a delivery', 'of the history: its id, the beginning of one, or last'],
    ],
  },
  'A signature is made from bytes: if a capture does not have those that were sent, a note says so.',
  'Without a flag for the secret, webhook verify tries those of the configured webhooks of that vendor. Nothing ' +
    'is sent, and no secret is shown. What a vendor does not sign cannot be verified: exit code 1, with the reason.',
];
