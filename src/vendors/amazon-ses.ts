// Amazon SES tells of mails through SNS: https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html
// The verifier is public: https://github.com/aws/aws-js-sns-message-validator
import type { Field, Vendor } from '../model/vendor.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:000000000017:mail';
const HOSTS = ['sns.*.amazonaws.com', 'sns.*.amazonaws.com.cn'] as const;
const CERTIFICATE_URL = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-hookproof.pem';

const SUBJECT = {
  name: 'Subject',
  type: 'string',
  certainty: 'pub',
  prose: 'line',
  example: 'Amazon SES Email Event Notification',
} as const satisfies Field;

const HEAD = [
  { name: 'Type', type: 'string', certainty: 'pub', example: 'Notification' },
  { name: 'MessageId', type: 'string', certainty: 'pub', generated: { id: 'uuid', shared: true } },
  { name: 'TopicArn', type: 'string', certainty: 'pub', example: TOPIC },
] as const satisfies readonly Field[];

const TAIL = [
  { name: 'Timestamp', type: 'string', certainty: 'pub', generated: { time: 'iso-ms' } },
  {
    name: 'SignatureVersion',
    type: 'string',
    certainty: 'pub',
    example: '1',
    note: '2: RSA-SHA256, if the topic is configured for it',
  },
  { name: 'Signature', type: 'string', certainty: 'pub', example: '' },
  {
    name: 'SigningCertURL',
    type: 'string',
    certainty: 'pub',
    example: CERTIFICATE_URL,
    note: 'it does not lead to a certificate: a receiver under test must be given the key',
  },
  {
    name: 'UnsubscribeURL',
    type: 'string',
    certainty: 'pub',
    example: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
  },
] as const satisfies readonly Field[];

const MESSAGE = { name: 'Message', type: 'string', certainty: 'pub', note: 'JSON in a text' } as const;

const DELIVERY =
  '{"eventType":"Delivery","mail":{"messageId":"0107000000000017-hookproof","source":"shop@example.com"' +
  ',"destination":["mia.mueller@example.com"]},"delivery":{"recipients":["mia.mueller@example.com"],"sm' +
  'tpResponse":"250 2.0.0 OK"}}';

const BOUNCE =
  '{"eventType":"Bounce","mail":{"messageId":"0107000000000017-hookproof","source":"shop@example.com","' +
  'destination":["mia.mueller@example.com"]},"bounce":{"bounceType":"Permanent","bounceSubType":"Genera' +
  'l","bouncedRecipients":[{"emailAddress":"mia.mueller@example.com"}]}}';

const VALIDATED = 'Successfully validated SNS topic for Amazon SES event publishing.';

export const amazonSes = {
  id: 'amazon-ses',
  title: 'Amazon SES (SNS)',
  documentation: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html',
  publicSource: 'https://github.com/aws/aws-js-sns-message-validator/blob/a6ba4d6/index.js',
  asOf: '2026-11-28',

  events: [
    {
      name: 'Delivery',
      summary: "the recipient's server accepted a mail",
      certainty: 'inf',
      fields: [...HEAD, SUBJECT, { ...MESSAGE, example: DELIVERY }, ...TAIL],
      idField: 'MessageId',
    },
    {
      name: 'Bounce',
      summary: "the recipient's server refused a mail",
      certainty: 'inf',
      fields: [...HEAD, SUBJECT, { ...MESSAGE, example: BOUNCE }, ...TAIL],
      idField: 'MessageId',
    },
    {
      name: 'topic-validated',
      summary: 'the first notification after a subscription: its Message is a sentence, not JSON',
      certainty: 'pub',
      source: 'https://github.com/anymail/django-anymail/blob/7bc9520/anymail/webhooks/amazon_ses.py',
      fields: [...HEAD, { name: 'Message', type: 'string', certainty: 'pub', example: VALIDATED }, ...TAIL],
      idField: 'MessageId',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'text/plain; charset=UTF-8', certainty: 'doc', note: 'though it is JSON' },
    { name: 'x-amz-sns-message-type', value: { field: 'Type' }, certainty: 'pub' },
    { name: 'x-amz-sns-message-id', value: { field: 'MessageId' }, certainty: 'pub' },
    { name: 'x-amz-sns-topic-arn', value: { field: 'TopicArn' }, certainty: 'pub' },
  ],
  signature: {
    value: {
      at: { json: 'Signature' },
      algorithm: 'rsa-sha1',
      algorithmBy: { json: 'SignatureVersion', values: { '2': 'rsa-sha256' } },
      message: [
        {
          // Of both kinds of message: a notification has no address and no token, a confirmation no subject.
          fields: ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
          from: 'json',
          each: '{name}\n{value}\n',
        },
      ],
      encoding: ['base64'],
      format: '{v}',
      keyShown: 'x509-pem',
      keyUrl: { json: 'SigningCertURL', hosts: HOSTS, ending: '.pem' },
    },
    certainty: 'pub',
    note: 'a receiver fetches the certificate from SigningCertURL and must check its host',
  },
  handshakes: {
    value: [
      {
        id: 'subscription-confirmation',
        title: 'the address that confirms a new subscription is called',
        when: 'create',
        method: 'POST',
        headers: { 'x-amz-sns-message-type': 'SubscriptionConfirmation' },
        body: {
          Type: 'SubscriptionConfirmation',
          MessageId: '{id}',
          Token: '{challenge}',
          TopicArn: TOPIC,
          Message: 'You have chosen to subscribe to a topic. To confirm it, visit the SubscribeURL in this message.',
          SubscribeURL: '{callback}',
          Timestamp: '{time}',
          SignatureVersion: '1',
          Signature: '',
          SigningCertURL: CERTIFICATE_URL,
        },
        toldBy: { Type: 'SubscriptionConfirmation' },
        isSigned: true,
        answer: { statuses: '2xx' },
        callback: {
          field: 'SubscribeURL',
          hosts: HOSTS,
          account: 'TopicArn',
        },
      },
    ],
    certainty: 'pub',
  },
  vectors: [
    {
      name: 'a notification',
      publicKey: [
        '-----BEGIN PUBLIC KEY-----',
        'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2oJcFYPYQXKqFbtzhcQ3',
        'buNpRvRk+Pc831n7BVsBjZRvqzAi/Ar7LX8Hr7jDZQ0SEMIBP8D4nLMcNgrerKsu',
        'sYa4hwbG0/HnebVL0T0CBjVYXBsD81+hMWMdppocQoayc8qpzn3iI/ulc8Wok9Ap',
        'YxS2eWMpWGjRI4zwo7ynT3l2mZcRJQPazWwMUas2FMoMb0lEUTjH+vjJ7ckfUX2S',
        'XnLYrX+IUmYhLBbziVfEYoAlJXzW2Em126ahROyrO1p8PR3eHk4EXQxLQ+5hT6XN',
        'ao83zrXp62H4byAE/hg15Xnfs44oIl1V6u6eT9loYp04sOpXmPrJrT0SPRliHRNU',
        'eQIDAQAB',
        '-----END PUBLIC KEY-----',
        '',
      ].join('\n'),
      headers: { 'Content-Type': 'text/plain; charset=UTF-8' },
      body:
        '{"Type":"Notification","MessageId":"323c1dd1-d781-4943-92bf-bb8e25dcc963","TopicArn"' +
        ':"arn:aws:sns:eu-central-1:000000000017:mail","Message":"{\\"eventType\\":\\"Delivery\\"' +
        ',\\"mail\\":{\\"messageId\\":\\"0102\\"}}","Timestamp":"2025-11-27T09:52:31.000Z","Signatu' +
        'reVersion":"1","Signature":"","SigningCertURL":"https://sns.eu-central-1.amazonaws.c' +
        'om/SimpleNotificationService-hookproof.pem"}',
      signature:
        'HSqC9TRDUq7XyX7G0ei/sG5qvGjDgI3MZjF2Amecg/inKrtQtaNOz9xcw5HyuJRjNHXLE2wC9D/kraFP6II3' +
        't2Tt69Puvtr1gnh1WLSGN4MWHtjmxryBxAIzElbuqlufFlBukGLIuvNbIGuZG2LhIJxK2gPwdC+QKglCrJTo' +
        'ifA70WAnYi4itjmuP24j0AWFQarC38enkA6TZ9AG9tgmkz+AIzBVDL3tSQggp0nXwVMjO546oznS1a80ZyTv' +
        'w1FNOvSJNBqjr51iptIAneHH1UvE05VvtA0Pl0HSr4in0zjbYhOVeycgQWr7W90RXmt8YkDW6rf7/YGpnHdm' +
        'IdeQHw==',
      source: 'openssl dgst -sha1 -sign over the fields as the validator of AWS joins them, with a key made for it',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 15_000, certainty: 'inf' },
  retries: {
    delaysMs: { value: [20_000, 20_000, 20_000], certainty: 'doc', note: 'unless the subscription says otherwise' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'a new subscription is confirmed by a GET of the SubscribeURL that it sends',
      certainty: 'doc',
    },
    { text: 'the first notification is a sentence, not JSON: receivers that parse it break', certainty: 'pub' },
    { text: 'raw delivery drops the envelope and with it the signature', certainty: 'pub' },
    { text: 'a password in the URL is sent only after a 401 that asks for it', certainty: 'pub' },
  ],
} as const satisfies Vendor;
