import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { testFolder } from './folder.ts';
import { runCommandLine } from './program.ts';
import { isInstalled } from './server-process.ts';

/** Debian's browser: elsewhere these tests are skipped, and vitest says so. */
export const hasChromium = isInstalled('chromium', '--version');

export interface Opened {
  /** What the browser made of the page, written as HTML again. */
  dom: string;
  /** What it asked the network for, but for what it asks its makers for itself. */
  requests: string[];
}

const ITS_MAKERS = /[/.](google|googleapis|gvt1)\.com[/:]/;

/** Opens a file in a browser without a window; every request, to loopback too, goes to a proxy that refuses it. */
export async function openInChromium(file: string): Promise<Opened> {
  const requests: string[] = [];
  const proxy = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(403).end();
  });
  proxy.on('connect', (request, socket) => {
    requests.push(`/${request.url}`);
    socket.destroy();
  });
  await new Promise<void>((ready) => {
    proxy.listen(0, '127.0.0.1', ready);
  });
  const { port } = proxy.address() as AddressInfo;
  const { stdout } = await runCommandLine('chromium', [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
    `--user-data-dir=${testFolder()}`,
    `--proxy-server=127.0.0.1:${port}`,
    '--proxy-bypass-list=<-loopback>',
    '--virtual-time-budget=2000',
    '--dump-dom',
    pathToFileURL(file).href,
  ]);
  proxy.close();
  proxy.closeAllConnections();
  return { dom: stdout, requests: requests.filter((url) => !ITS_MAKERS.test(url)) };
}
