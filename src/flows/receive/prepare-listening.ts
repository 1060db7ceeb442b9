import { parseHttpUrl } from '../../model/http-url.ts';
import { openTransport } from '../../deliver/transport.ts';
import { AppError } from '../../model/error.ts';
import type { Clock } from '../../model/clock.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import { loadServedAttachments, vendorsWithLinks, type ServedAttachments } from './answer-fetch.ts';
import { callbackOriginOf } from '../session/callback-origin.ts';
import { chooseResponder } from './responder.ts';
import { chooseExpected, type ExpectedOptions } from './choose-expected.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import type { Expected } from './judge-received.ts';
import type { ListenOptions } from './listen.ts';
import { chooseListenTls, type ListenTls, type ListenTlsOptions } from './listen-tls.ts';
import type { MailSource } from '../send/make-event.ts';
import { missingLinkSecret } from '../../sign/missing-secret.ts';

export interface PrepareOptions extends ExpectedOptions, ListenTlsOptions {
  host: string;
  port: number;
  /** Bytes. */
  maxBody: number;
  status: readonly number[];
  /** Milliseconds. */
  delay?: number;
  drop?: boolean;
  ack?: boolean;
  bug?: string;
  /** Where a vendor's addresses lie in tests, beside its own hosts. */
  callbacksAt?: string;
  forwardTo?: string;
  insecure?: boolean;
  /** Of forwarding, in milliseconds. */
  maxTime: number;
  /** Its attachments are given out by their links, in place of the sample's. */
  mail?: MailSource;
}

/** To the endpoint that is forwarded to. */
const CONNECTIONS = 64;
/** Of its answer; a caller need not read as much. */
const RETURNED_BYTES = 1024 * 1024;

export interface PreparedListening {
  options: Omit<ListenOptions, 'exitAfter' | 'forMs'>;
  tls: ListenTls | null;
  warnings: readonly string[];
  close(): Promise<void>;
}

/**
 * Reads and checks everything that listening needs, before anything listens. Throws AppError `usage`, `config` or
 * `input`.
 */
export async function prepareListening(
  options: PrepareOptions,
  config: Config,
  vendors: VendorRegistry,
  environment: SecretEnvironment,
  clock: Clock,
): Promise<PreparedListening> {
  checkTogether(options);
  const { expected, webhookUuid, warnings } = await chooseExpected(options, config, vendors, environment);
  const callbackOrigin = options.callbacksAt === undefined ? undefined : callbackOriginOf(options.callbacksAt);
  const attachments = await chooseAttachments(expected, options.mail ?? null);
  const tls = await chooseListenTls(options, options.host, environment, clock.now());
  const forward = options.forwardTo === undefined ? null : await openForward(options.forwardTo, options);
  return {
    options: {
      receiver: { host: options.host, port: options.port, maxBodyBytes: options.maxBody, tls: tls?.receiver },
      expected,
      script: {
        statuses: options.status,
        delayMs: options.delay ?? 0,
        drops: options.drop === true,
        acks: options.ack === true,
      },
      responder: chooseResponder(options.bug, expected, callbackOrigin),
      forward,
      attachments,
      webhookUuid,
    },
    tls,
    warnings,
    close: async () => forward?.transport.close(),
  };
}

async function chooseAttachments(expected: Expected, mail: MailSource | null): Promise<ServedAttachments | null> {
  if (mail !== null && vendorsWithLinks(expected).length === 0) {
    throw new AppError('usage', `${expected.vendor?.id} sends no attachment links, so there is nothing to serve`, {
      hint: 'leave out --serve-attachments',
    });
  }
  const served = await loadServedAttachments(expected, mail);
  if (mail !== null && served === null) {
    throw missingLinkSecret('check', ', and leave out --no-verify');
  }
  return served;
}

async function openForward(url: string, { insecure, maxTime }: PrepareOptions): Promise<ListenOptions['forward']> {
  const target = parseHttpUrl(url);
  const transport = await openTransport({
    timeoutMs: maxTime,
    tls: { insecure },
    connections: CONNECTIONS,
    keptBytes: RETURNED_BYTES,
  });
  return { target, transport };
}

function checkTogether({ drop, status, ack, forwardTo, insecure }: PrepareOptions): void {
  if (drop && (status.length > 0 || ack))
    throw new AppError('usage', '--drop sends no answer, so --status and --ack have no effect', {
      hint: 'leave out one of them',
    });
  if (insecure && forwardTo === undefined)
    throw new AppError('usage', '--insecure has no effect without --forward-to', {
      hint: 'it concerns the certificate of the endpoint that requests are forwarded to',
    });
}
