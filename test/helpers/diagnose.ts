import { createServer, type ServerOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../src/cli/terminal/environment.ts';
import {
  verifyCertificate,
  type CertificateDiagnosis,
  type VerifyCertificateOptions,
} from '../../src/flows/certs/verify-certificate.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Config } from '../../src/model/webhook.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { openServer } from './raw-server.ts';
import { builtInVendors } from '../../src/vendors/registry.ts';

export interface DiagnoseEnvironment {
  env?: Record<string, string | undefined>;
  /** Null: whoever asks for one fails. */
  config?: Config | null;
  clock?: Clock;
}

/** As a command line gives them: `undefined` is a flag that is not there. */
export type DiagnoseFlags = { [Name in keyof VerifyCertificateOptions]?: VerifyCertificateOptions[Name] | undefined };

const NO_CONFIG: Config = { path: null, webhooks: [] };

/** verify-cert as the command line calls it, with the flags that matter to the test. */
export function diagnose(
  target: string | undefined,
  flags: DiagnoseFlags = {},
  { env = {}, config = NO_CONFIG, clock = systemClock }: DiagnoseEnvironment = {},
): Promise<CertificateDiagnosis> {
  const options = {
    ...(target === undefined ? {} : { target }),
    resolve: [],
    connectTo: [],
    otherHost: [],
    plainPort: [],
    only: [],
    skip: [],
    daysWarning: 1,
    // A share of it is the time of one connection; what answers has an answer sooner, however busy the machine is.
    maxTime: 120_000,
    ...flags,
  } as VerifyCertificateOptions;
  return verifyCertificate(
    options,
    { workingDirectory: '/', env, stdin: process.stdin, vendors: builtInVendors },
    () => (config === null ? Promise.reject(new Error('no configuration is needed')) : Promise.resolve(config)),
    clock,
    makeIds(systemRandom()),
  );
}

/** The findings of one check, in the order of the report. */
export const findingsOf = ({ report }: CertificateDiagnosis, id: string): Finding[] =>
  report.findings.filter((finding) => finding.id === id);

/** `P1 pass`, `P1 fail`, … of the checks named; of all that fail when none is. */
export const statusesOf = ({ report }: CertificateDiagnosis, ...ids: string[]): string[] =>
  report.findings
    .filter(({ id, status }) => (ids.length === 0 ? status === 'fail' : ids.includes(id)))
    .map(({ id, status }) => `${id} ${status}`);

export const verdictOf = ({ report }: CertificateDiagnosis): unknown => report.facts['verdict'];

/** A caller of an `openEndpoint`. */
export interface Visitor {
  shown: boolean;
  /** Node's word for what is wrong with the certificate; null for a good one. */
  error: string | null;
  version: string | null;
  servername: string | false | null;
  body: Buffer;
  request: IncomingMessage;
}

/** An https endpoint on a free port until the test ends; `answer` is what its application says. Returns the port. */
export function openEndpoint(
  options: ServerOptions,
  answer: (visitor: Visitor) => number = () => 200,
  host?: string,
  port?: number,
): Promise<number> {
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false | null };
    const shown = Object.keys(socket.getPeerCertificate()).length > 0;
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        // A string, whatever its type says.
        const error = socket.authorized ? null : String(socket.authorizationError);
        response
          .writeHead(
            answer({
              shown,
              error,
              version: socket.getProtocol(),
              servername: socket.servername ?? null,
              body: Buffer.concat(parts),
              request,
            }),
          )
          .end();
      });
  });
  return openServer(server, host, port);
}
