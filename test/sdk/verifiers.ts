import { createSecretKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'node:querystring';
import { promisify } from 'node:util';
import { whileServed } from './sns-host.ts';

// The vendors' own verifiers, called as their documentation says. svix and @shopify/shopify-api are the last versions
// that run on Node 20.

export interface SdkRequest {
  /** As the vendor called it, with the query. */
  url: string;
  method: string;
  /** By lower-case name, as Node gives them. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

export type SdkVerdict = { isAccepted: true } | { isAccepted: false; reason: string };

export interface Sdk {
  /** The package's name. */
  id: string;
  /** The vendors, by their ids in hookproof, whose signatures it takes. */
  vendors: readonly string[];
  /**
   * False or an error where the SDK refuses. `key` is what the vendor shows its user: a secret, or a public key.
   * `nowMs` is the time that the SDK believes it is.
   */
  verify(request: SdkRequest, key: string, nowMs: number): Promise<boolean>;
}

const loadCommonJs = createRequire(import.meta.url);

/** TypeScript must not look for the package: the types are checked where no SDK is installed, too. */
const loadModule = async (name: string): Promise<any> => import(name);

/** These ask the system's clock and take no time. They never wait, so nobody else sees this clock. */
function atTime<T>(nowMs: number, work: () => T): T {
  const { now } = Date;
  Date.now = () => nowMs;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

export const SDKS: readonly Sdk[] = [
  {
    id: 'stripe',
    vendors: ['stripe'],
    async verify({ headers, body }, secret, nowMs) {
      const Stripe = loadCommonJs('stripe');
      const { webhooks } = new Stripe('sk_test_of_nobody');
      webhooks.constructEvent(body, headers['stripe-signature'], secret, undefined, undefined, nowMs);
      return true;
    },
  },
  {
    id: 'standardwebhooks',
    vendors: ['standard-webhooks'],
    async verify({ headers, body }, secret, nowMs) {
      const { Webhook } = loadCommonJs('standardwebhooks');
      const webhook = new Webhook(secret);
      atTime(nowMs, () => webhook.verify(body, headers));
      return true;
    },
  },
  {
    id: 'svix',
    vendors: ['svix', 'standard-webhooks'],
    async verify({ headers, body }, secret, nowMs) {
      const { Webhook } = loadCommonJs('svix');
      const webhook = new Webhook(secret);
      atTime(nowMs, () => webhook.verify(body, headers));
      return true;
    },
  },
  {
    id: 'resend',
    vendors: ['resend'],
    async verify({ headers, body }, webhookSecret, nowMs) {
      const { Resend } = loadCommonJs('resend');
      const { webhooks } = new Resend('re_of_nobody');
      const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => headers[`svix-${name}`]);
      atTime(nowMs, () =>
        webhooks.verify({ payload: body.toString(), headers: { id, timestamp, signature }, webhookSecret }),
      );
      return true;
    },
  },
  {
    id: '@octokit/webhooks-methods',
    vendors: ['github'],
    async verify({ headers, body }, secret) {
      const { verify } = await loadModule('@octokit/webhooks-methods');
      return verify(secret, body.toString(), headers['x-hub-signature-256']);
    },
  },
  {
    id: 'twilio',
    vendors: ['twilio'],
    async verify({ url, headers, body }, authToken) {
      const { validateExpressRequest } = loadCommonJs('twilio');
      const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
      const request = {
        header: (name: string) => headers[name.toLowerCase()],
        body: isForm ? { ...parse(body.toString()) } : {},
        rawBody: body.toString(),
      };
      return validateExpressRequest(request, authToken, { url });
    },
  },
  {
    id: 'twilio',
    vendors: ['twilio-event-streams'],
    async verify({ url, headers, body }, authToken) {
      const { validateRequestWithBody } = loadCommonJs('twilio');
      return validateRequestWithBody(authToken, headers['x-twilio-signature'] ?? '', url, body.toString());
    },
  },
  {
    id: '@sendgrid/eventwebhook',
    vendors: ['sendgrid'],
    async verify({ headers, body }, publicKey) {
      const { EventWebhook, EventWebhookHeader } = loadCommonJs('@sendgrid/eventwebhook');
      const webhook = new EventWebhook();
      return webhook.verifySignature(
        webhook.convertPublicKeyToECDSA(publicKey),
        body,
        headers[EventWebhookHeader.SIGNATURE().toLowerCase()],
        headers[EventWebhookHeader.TIMESTAMP().toLowerCase()],
      );
    },
  },
  {
    id: 'mailersend',
    vendors: ['mailersend'],
    async verify({ headers, body }, secret) {
      // Its documentation imports it from the package, which does not export it.
      const { MailerSendUtils } = loadCommonJs('mailersend/lib/services/mailersend.utils.js');
      return MailerSendUtils.verifyWebHook(body, headers['signature'], secret);
    },
  },
  {
    id: 'mailtrap',
    vendors: ['mailtrap'],
    async verify({ headers, body }, secret) {
      const { verifyWebhookSignature } = loadCommonJs('mailtrap');
      return verifyWebhookSignature(body, headers['mailtrap-signature'], secret);
    },
  },
  {
    id: '@slack/bolt',
    vendors: ['slack'],
    async verify({ headers, body }, signingSecret, nowMs) {
      const { verifySlackRequest } = loadCommonJs('@slack/bolt');
      verifySlackRequest({
        signingSecret,
        body: body.toString(),
        headers: {
          'x-slack-signature': headers['x-slack-signature'],
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
        nowMilliseconds: nowMs,
      });
      return true;
    },
  },
  {
    id: '@shopify/shopify-api',
    vendors: ['shopify'],
    async verify({ url, method, headers, body }, apiSecretKey) {
      loadCommonJs('@shopify/shopify-api/adapters/node');
      const { shopifyApi, ApiVersion } = loadCommonJs('@shopify/shopify-api');
      const { webhooks } = shopifyApi({
        apiSecretKey,
        apiKey: 'nobody',
        apiVersion: Object.values(ApiVersion).at(-1),
        isEmbeddedApp: false,
        hostName: 'receiver.example',
        logger: { log: () => undefined },
      });
      const verdict = await webhooks.validate({
        rawBody: body.toString(),
        rawRequest: { url, method, headers },
        rawResponse: {},
      });
      if (!verdict.valid) throw new Error([verdict.reason, ...(verdict.missingHeaders ?? [])].join(' '));
      return true;
    },
  },
  {
    id: 'messagebird',
    vendors: ['messagebird'],
    async verify({ url, headers, body }, secret, nowMs) {
      const { verify, VerifyOptions } = loadCommonJs('messagebird/lib/webhook-signature-jwt');
      const options = new VerifyOptions();
      // Its promise ends later than the clock could be held: the clock is an option.
      options.jwtVerifyOptions = { ...options.jwtVerifyOptions, currentDate: new Date(nowMs) };
      const key = createSecretKey(Buffer.from(secret, 'utf8'));
      return verify(url, body, headers['messagebird-signature-jwt'] ?? '', key, options);
    },
  },
  {
    id: 'sns-validator',
    vendors: ['amazon-ses'],
    verify({ body }, certificate) {
      // It keeps every certificate that it fetched.
      delete loadCommonJs.cache[loadCommonJs.resolve('sns-validator')];
      const MessageValidator = loadCommonJs('sns-validator');
      const validate = promisify((text: string, tell: (error: Error | null) => void) =>
        new MessageValidator().validate(text, tell),
      );
      return whileServed(certificate, async () => {
        await validate(body.toString());
        return true;
      });
    },
  },
];

/** What an SDK decides. */
export async function askSdk(sdk: Sdk, request: SdkRequest, key: string, nowMs = Date.now()): Promise<SdkVerdict> {
  try {
    return (await sdk.verify(request, key, nowMs))
      ? { isAccepted: true }
      : { isAccepted: false, reason: 'it says false' };
  } catch (error) {
    return { isAccepted: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether they are all there. */
export const hasSdks = SDKS.every(({ id }) => existsSync(join(import.meta.dirname, 'node_modules', id)));
