import type { CompilePcre } from '../rules/pcre.ts';
import type { Place, ReadIncluded } from '../rules/server-rules.ts';
import { buildServer, inheritServer, sortDirectories } from './build-server.ts';
import type { Servers } from './choose-server.ts';
import { configError } from './config-error.ts';
import type { Directive } from './directive.ts';
import type { ListenAddress } from './server.ts';

const isHost = ({ name, children }: Directive): boolean => name === 'virtualhost' && children !== null;

/** The main server and the virtual hosts. Throws AppError `input` for what Apache does not start with. */
export function buildServers(
  directives: readonly Directive[],
  compile: CompilePcre,
  read: ReadIncluded,
  root: string,
): Servers {
  const main = buildServer(
    directives.filter((one) => !isHost(one)),
    null,
    [],
    compile,
    read,
    root,
  );
  const hosts = directives.filter(isHost).map(({ words, place, children }) => {
    if (words.length === 0) throw configError(place, '<VirtualHost> needs an address');
    return inheritServer(
      main,
      buildServer(
        children ?? [],
        place,
        words.map((word) => readAddress(word, place)),
        compile,
        read,
        root,
      ),
    );
  });
  return { main: { ...main, directories: sortDirectories(main.directories) }, hosts };
}

/** `*:443`, `192.0.2.1`, `[::1]:80`, `_default_:*`. */
function readAddress(text: string, place: Place): ListenAddress {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\*|\d{1,5}))?$/.exec(text) ?? [];
  if (host === '') throw configError(place, `${text} is no address of a <VirtualHost>`);
  return {
    host: /^(?:\*|_default_)$/i.test(host) ? '*' : host.toLowerCase(),
    port: port === undefined || port === '*' ? null : Number(port),
  };
}
