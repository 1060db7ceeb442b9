import type { TopicPart } from '../terminal/topic.ts';

export const RECEIVING_TOPIC: readonly TopicPart[] = [
  {
    title: 'webhook listen answers as a correct receiver does:',
    terms: [
      ['200', 'to a genuine request'],
      ['400', "to a body that is no event in the vendor's form"],
      ['401', 'to a signature that is forged, stale or missing'],
      ['405, 415', 'to another method or content type'],
      ['413', 'to a body above --max-body'],
      ['503', 'with Retry-After: 1, while bodies of 256 MB are being received'],
    ],
  },
  "--forward-to gives the application's answer instead, or 502 when there is none; --status goes before both.",
  '--forward-to with a URL without a path keeps the path of the request; a URL with a path is used as it is. The ' +
    'query is kept either way. Method, headers and body are passed on unchanged, except for the headers of the ' +
    "connection (Connection, Transfer-Encoding, Proxy-Authorization, …) and Host, which is the application's. Of " +
    'its answer the first 64 KiB are given back.',
  'Signed links to attachments (/att/…?exp=…&sig=…), as send --attachments-at makes them, are answered too: 200 ' +
    'with the bytes, 403 if tampered with, 404 if there is no such attachment, 410 if expired. Only the sender ' +
    'knows the message id of a link in advance, so any id leads to the same attachments, by index. Such a GET is no ' +
    'event: it is shown without its signature, and is not recorded, forwarded or counted; --status, --delay, --drop ' +
    'and --bug do not apply to it.',
  'A question that wants an address called (a subscription of Amazon SNS) is answered by that call, before the ' +
    "answer: only if its signature fits, and only at the vendor's hosts or at --callbacks-at.",
  '--json prints {"event":"ready","url":…} at once, then a line for each request ("request"), for each attachment ' +
    'that was asked for ("attachment"), and for each caller who was turned away before there was a request ' +
    '("rejected").',
  'Every request is recorded, as incoming, within about 10 ms: Ctrl-C and SIGTERM lose none, kill -9 and a power ' +
    'failure at most the last batch.',
  'Exit code 1 means that a request was forged, stale or unsigned; 3 means that --for ended before --exit-after ' +
    'requests came. Without --exit-after and --for it listens until Ctrl-C.',
];
