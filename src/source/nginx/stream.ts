import type { Note } from '../rules/server-rules.ts';
import type { Socket } from './config.ts';
import type { NginxDirective } from './parse.ts';

/**
 * What `stream { }` hands on to a socket of http: who comes that way is seen as this machine, unless the connection
 * begins with the PROXY protocol there.
 */
export function noteStreams(directives: readonly NginxDirective[], sockets: readonly Socket[]): Note[] {
  return directives
    .filter(({ name, block }) => name === 'stream' && block !== null)
    .flatMap(({ block, place }): Note[] => {
      const words = new Set(wordsOf(block ?? []));
      const socket = sockets.find(
        (one) => !one.isProxied && (words.has(one.socket) || (one.port !== null && words.has(`:${one.port}`))),
      );
      return socket === undefined
        ? []
        : [
            {
              place,
              text:
                `stream { } forwards connections to ${socket.socket}: callers that arrive that way appear to be ` +
                'this server',
              isOpen: true,
            },
          ];
    });
}

/** Where connections may go: by `proxy_pass`, by a server of an upstream, or by a map. */
const wordsOf = (directives: readonly NginxDirective[]): string[] =>
  directives.flatMap(({ name, args, block }) => [
    ...(name === 'listen' ? [] : args.flatMap((word) => [word, /:\d+$/.exec(word)?.[0] ?? word])),
    ...wordsOf(block ?? []),
  ]);
