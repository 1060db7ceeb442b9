import { addNetworkFlags } from '../flags.ts';
import { flagTerms } from '../flag-terms.ts';
import type { TopicPart } from '../topic.ts';

export const connectionTopic = (): readonly TopicPart[] => [
  'Requests go straight to the endpoint: no proxy is used, whatever HTTP_PROXY, HTTPS_PROXY and their kind say. ' +
    'The flags are spelled as curl spells them.',
  flagTerms((command) => addNetworkFlags(command)),
  'Where the vendor shows a client certificate, give yours with --cert and --key, or with --pfx; webhook certs ' +
    'create makes one. With --cacert these CAs alone are trusted, and no longer those of the system.',
  '--resolve and --connect-to change where the connection goes, and neither the Host header nor the name that the ' +
    "server's certificate must have: that is how a server is tried before DNS leads to it.",
];
