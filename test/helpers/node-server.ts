import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer, syntaxError, type RunningServer, type ServerFiles } from './server-process.ts';

export interface NodeSite {
  /** Members of the options of https.createServer. */
  options: string;
  /** Statements before the answer; `request` is at hand. */
  first?: string;
}

const IMPORTS = `import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:https';`;

const own = ({ cert, key }: ServerFiles): string =>
  `cert: readFileSync(${JSON.stringify(cert)}),\nkey: readFileSync(${JSON.stringify(key)}),`;

/** One Node with an https server per entry, each on a free loopback port, that answers 200. */
export function startNode<Name extends string>(
  files: ServerFiles,
  sites: Record<Name, NodeSite>,
): Promise<RunningServer<Name>> {
  const names = Object.keys(sites) as Name[];
  return startServer({
    program: process.execPath,
    names,
    configure: (folder, port) => {
      const servers = names.map((name) => {
        const { options, first = '' } = sites[name];
        const answer = `request.resume().on('end', () => response.end(String(request.socket.authorized)));`;
        return `createServer({\n${own(files)}\n${options}\n}, (request, response) => {\n${first}\n${answer}\n})
.listen(${port(name)}, '127.0.0.1');`;
      });
      writeFileSync(join(folder, 'server.mjs'), [IMPORTS, ...servers].join('\n'));
      return [join(folder, 'server.mjs')];
    },
  });
}

/** What Node says of these options in a server that listens; null when it is content. */
export const nodeOptionsError = (folder: string, files: ServerFiles, options: string): string | null =>
  nodeError(folder, `createServer({\n${own(files)}\n${options}\n}).listen(0, '127.0.0.1');`);

/** The same of statements, with an https server called `server`, or of a whole program. */
export function nodeError(folder: string, statements: string): string | null {
  const file = join(folder, 'server.mjs');
  const imports = statements.includes('import {') ? '' : `${IMPORTS}\nconst server = createServer();`;
  // Whether an address can be listened on is known by then.
  const end = 'setImmediate(() => process.exit(0));';
  writeFileSync(file, [imports, statements, end].join('\n'));
  return syntaxError(process.execPath, [file]);
}
