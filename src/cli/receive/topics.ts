import type { TopicPart } from '../terminal/topic.ts';
import { MAX_CAPTURE_BYTES } from '../../receive/capture/read-capture.ts';

export const TEXTS = {
  receiving: (): readonly TopicPart[] => [
    {
      title: 'webhook listen answers as a correct receiver does:',
      terms: [
        ['200', 'to a genuine request'],
        ['400', "to a body that is not an event in the vendor's format"],
        ['401', 'to a signature that is forged, stale or missing'],
        ['405, 415', 'to another method or content type'],
        ['413', 'to a body above --max-body'],
        ['503', 'with Retry-After: 1, while bodies of 256 MB are being received'],
      ],
    },
    "--forward-to returns the application's answer instead, or 502 if there is none; --status overrides both.",
    '--forward-to with a URL without a path keeps the path of the request; a URL with a path is used as it ' +
      'is. The query is kept either way. Method, headers and body are passed on unchanged, except for ' +
      'connection headers (Connection, Transfer-Encoding, Proxy-Authorization, …) and Host, which is the ' +
      "application's. The first 1 MiB of its answer is returned; --json and the lines shown tell where it was longer.",
    'Signed links to attachments (/att/…?exp=…&sig=…), as created by send --attachments-at, are answered ' +
      'too: 200 with the bytes, 403 if tampered with, 404 if there is no such attachment, 410 if expired. Only ' +
      'the sender knows the message id of a link in advance, so any id leads to the same attachments, by ' +
      'index. Such a GET is not an event: it is shown without its signature, and is not recorded, forwarded or ' +
      'counted; --status, --delay, --drop and --bug do not apply to it.',
    'A request to call an address (to confirm an Amazon SNS subscription) is followed before the answer is ' +
      "sent: only if its signature is valid, and only at the vendor's hosts or at --callbacks-at.",
    '--json prints {"event":"ready","url":…} at once, then a line for each request ("request"), for each ' +
      'attachment that was asked for ("attachment"), and for each caller that was rejected before it sent a ' +
      'request ("rejected").',
    'Every request is recorded, as incoming, within about 10 ms: Ctrl-C and SIGTERM lose none, kill -9 or a ' +
      'power failure at most the last batch. With --durable a request is shown and answered only once its ' +
      'record is on disk, so no answered request is lost; if it cannot be recorded, the answer is 503.',
    'Exit code 1 means that a request was forged, stale or unsigned; 3 means that --for ended before --exit-after ' +
      'requests came. Without --exit-after and --for it listens until Ctrl-C.',
  ],

  captures: (): readonly TopicPart[] => [
    {
      title: `A captured request is any of these; a file may be up to ${MAX_CAPTURE_BYTES / 1024 / 1024} MiB:`,
      terms: [
        ['listen --json', 'what webhook listen --json printed, every line of it'],
        ['raw HTTP', 'as a server or proxy logged it'],
        ['HAR', 'all its requests'],
        ['curl command', 'as browsers and Postman copy it, for bash or (with ^) for Windows; it is not run'],
        ['curl -v, --trace', 'what curl wrote; the output of -v needs --body with the bytes of the body'],
        ['a delivery', 'from the history: its id, the beginning of one, or last'],
      ],
    },
    'A signature covers exact bytes: if a capture does not contain the bytes that were sent, a note says so.',
    "Without a secret flag, webhook verify tries the secrets of that vendor's configured webhooks. Nothing " +
      'is sent, and no secret is shown. What a vendor does not sign cannot be verified: exit code 1, with the ' +
      'reason.',
  ],
};
