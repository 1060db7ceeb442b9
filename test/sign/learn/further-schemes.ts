import { createHash, sign } from 'node:crypto';
import { digest, ed25519, hmac, rsa, type MadeRequest } from './schemes.ts';

const S = 'k9-Some_secret/of+acme=42';
const B = (n: number) => JSON.stringify({ id: `evt_${n}xYz`, type: 'a.b', amount: 12 + n, nested: { a: n, b: 'x' } });
const T = (n: number) => String(1_764_000_000 + n);
const MS = (n: number) => String(1_764_000_000_123 + n);
const ISOO = (n: number) => `2025-11-24T09:00:0${n}-07:00`;
const U = 'https://hooks.example.com/in/put?tenant=7&b=2';
const pub = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
interface R {
  h?: [string, string][];
  b?: string | Buffer;
  u?: string;
  m?: string;
}
const request = ({ h = [], b = '', u = U, m = 'POST' }: R): MadeRequest => ({ method: m, url: u, headers: h, body: b });
const form = (f: Record<string, string>) => new URLSearchParams(f).toString();
/** Of a GET, whose signature is a parameter of this name. */
function sortedQuery(n: number, name: string): R {
  const fields: Record<string, string> = { code: `c${n}`, shop: 'a', timestamp: T(n) };
  const signature = hmac('sha256', S, 'hex', `code=c${n}&shop=a&timestamp=${T(n)}`);
  return { m: 'GET', u: `https://a.example.com/in?${form({ ...fields, [name]: signature })}` };
}
/** What the first table does not say: odd places, lists of values, other things beside the body. */
export const FURTHER_SCHEMES: [name: string, secret: string, make: (n: number) => MadeRequest][] = (
  [
    [
      'crisp',
      S,
      (n) => ({
        h: [
          ['X-Crisp-Request-Timestamp', MS(n)],
          ['X-Crisp-Signature', hmac('sha256', S, 'hex', `[${MS(n)};${B(n)}]`)],
        ],
        b: B(n),
      }),
    ],
    [
      'box',
      S,
      (n) => ({
        h: [
          ['BOX-DELIVERY-TIMESTAMP', ISOO(n)],
          ['BOX-SIGNATURE-PRIMARY', hmac('sha256', S, 'base64', B(n) + ISOO(n))],
          ['BOX-SIGNATURE-SECONDARY', hmac('sha256', 'other', 'base64', B(n) + ISOO(n))],
        ],
        b: B(n),
      }),
    ],
    [
      'recurly',
      S,
      (n) => ({
        h: [
          [
            'recurly-signature',
            `${MS(n)},${hmac('sha256', S, 'hex', `${MS(n)}.${B(n)}`)},${hmac('sha256', 'old', 'hex', `${MS(n)}.${B(n)}`)}`,
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'pagerduty',
      S,
      (n) => ({
        h: [['X-PagerDuty-Signature', `v1=${hmac('sha256', 'old', 'hex', B(n))},v1=${hmac('sha256', S, 'hex', B(n))}`]],
        b: B(n),
      }),
    ],
    ['trello', S, (n) => ({ h: [['X-Trello-Webhook', hmac('sha1', S, 'base64', B(n) + U)]], b: B(n) })],
    [
      'lark',
      S,
      (n) => ({
        h: [
          ['X-Lark-Request-Timestamp', T(n)],
          ['X-Lark-Request-Nonce', `no${n}nce`],
          ['X-Lark-Signature', digest('sha256', 'hex', T(n) + `no${n}nce` + S + B(n))],
        ],
        b: B(n),
      }),
    ],
    [
      'alipay',
      pub,
      (n) => {
        const f: Record<string, string> = { app_id: '1', total: `1${n}`, notify: 'x y', charset: 'utf-8' };
        const t = Object.keys(f)
          .toSorted()
          .map((k) => `${k}=${f[k]}`)
          .join('&');
        return {
          b: form({ ...f, sign: sign('sha256', Buffer.from(t), rsa.privateKey).toString('base64'), sign_type: 'RSA2' }),
          h: [['Content-Type', 'application/x-www-form-urlencoded']],
        };
      },
    ],
    [
      'wechat json',
      S,
      (n) => {
        const f: Record<string, string> = { appid: 'a1', total: `1${n}`, mch: 'zz' };
        const t = Object.keys(f)
          .toSorted()
          .map((k) => `${k}=${f[k]}`)
          .join('&');
        return { b: JSON.stringify({ ...f, sign: digest('md5', 'hex', `${t}&key=${S}`).toUpperCase() }) };
      },
    ],
    [
      'cavage',
      S,
      (n) => {
        const d = `Mon, 24 Nov 2025 16:00:0${n} GMT`;
        const t = `(request-target): post /in/put?tenant=7&b=2\nhost: hooks.example.com\ndate: ${d}`;
        return {
          h: [
            ['Host', 'hooks.example.com'],
            ['Date', d],
            [
              'Signature',
              `keyId="k1",algorithm="hmac-sha256",headers="(request-target) host date",signature="${hmac('sha256', S, 'base64', t)}"`,
            ],
          ],
          b: B(n),
        };
      },
    ],
    [
      'deliveroo',
      S,
      (n) => ({
        h: [
          ['X-Deliveroo-Sequence-Guid', `2f1c9a6e-7b3d-4c58-9e21-0a5d6b7c8e1${n}`],
          ['X-Deliveroo-Hmac-Sha256', hmac('sha256', S, 'hex', `2f1c9a6e-7b3d-4c58-9e21-0a5d6b7c8e1${n} ${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'nexmo',
      S,
      (n) => {
        const f: Record<string, string> = { to: '1', text: `1${n}`, msisdn: 'zz', timestamp: T(n) };
        const t = Object.keys(f)
          .toSorted()
          .map((k) => `&${k}=${f[k]}`)
          .join('');
        return { m: 'GET', u: `https://a.example.com/in?${form({ ...f, sig: digest('md5', 'hex', t + S) })}` };
      },
    ],
    [
      'dingtalk',
      S,
      (n) => ({
        u: `https://a.example.com/in?timestamp=${MS(n)}&sign=${encodeURIComponent(hmac('sha256', S, 'base64', `${MS(n)}\n${S}`))}`,
        b: B(n),
      }),
    ],
    [
      'sanity',
      S,
      (n) => ({
        h: [['sanity-webhook-signature', `t=${MS(n)},v1=${hmac('sha256', S, 'base64url', `${MS(n)}.${B(n)}`)}`]],
        b: B(n),
      }),
    ],
    [
      'coinbase',
      S,
      (n) => ({
        h: [
          ['CB-TS', T(n)],
          ['CB-SIGN', hmac('sha256', S, 'hex', `${T(n)}POST/in/put?tenant=7&b=2${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'messagebird old',
      S,
      (n) => ({
        h: [
          ['MessageBird-Request-Timestamp', T(n)],
          [
            'MessageBird-Signature',
            hmac('sha256', S, 'base64', `${T(n)}\nb=2&tenant=7\n`, createHash('sha256').update(B(n)).digest()),
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'plivo',
      S,
      (n) => ({
        h: [
          ['X-Plivo-Signature-V2-Nonce', `9${n}aa7`],
          ['X-Plivo-Signature-V2', hmac('sha256', S, 'base64', `${U}9${n}aa7`)],
        ],
        b: B(n),
      }),
    ],
    ['token hash', S, () => ({ h: [['X-Token', digest('sha256', 'hex', S)]], b: '{}' })],
    [
      'travis',
      pub,
      (n) => ({
        h: [
          ['Signature', sign('sha1', Buffer.from(B(n)), rsa.privateKey).toString('base64')],
          ['Content-Type', 'application/x-www-form-urlencoded'],
        ],
        b: form({ payload: B(n) }),
      }),
    ],
    [
      'duitku',
      S,
      (n) => ({
        b: form({
          merchantOrderId: `o${n}`,
          amount: `15${n}`,
          merchantCode: 'D1',
          resultCode: '00',
          reference: `r${n}`,
          signature: digest('md5', 'hex', `D115${n}o${n}${S}`),
        }),
      }),
    ],
    [
      'host path query',
      S,
      (n) => ({
        h: [
          ['X-T', T(n)],
          ['X-Sig', hmac('sha256', S, 'hex', `POST\nhooks.example.com\n/in/put\ntenant=7&b=2\n${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'old aws',
      S,
      (n) => {
        const d = `Mon, 24 Nov 2025 16:00:0${n} GMT`;
        return {
          h: [
            ['Content-Type', 'application/json'],
            ['Date', d],
            [
              'Authorization',
              `ACME key1:${hmac('sha1', S, 'base64', `POST\n${createHash('md5').update(B(n)).digest('base64')}\napplication/json\n${d}\n/in/put`)}`,
            ],
          ],
          b: B(n),
        };
      },
    ],
    ['data raw', S, (n) => ({ b: `{"data": ${B(n)}, "signature":"${hmac('sha512', S, 'base64', B(n))}"}` })],
    [
      'long inner',
      S,
      (n) => {
        const m = B(n) + 'x'.repeat(5000);
        return { b: JSON.stringify({ Message: m, Sig: hmac('sha256', S, 'base64', m) }) };
      },
    ],
    ['get sorted', S, (n) => sortedQuery(n, 'hmac')],
    ['get odd name', S, (n) => sortedQuery(n, 'verify')],
    [
      'us time',
      S,
      (n) => ({
        h: [
          ['X-Id', `a${n}`],
          ['X-Request-Timestamp', `176400000012345${n}`],
          ['X-Sig', hmac('sha256', S, 'hex', `a${n}.176400000012345${n}.${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'rfc1123',
      S,
      (n) => ({
        h: [
          ['X-Event-Date', `Mon, 24 Nov 2025 16:00:0${n} GMT`],
          ['X-Sig', hmac('sha256', S, 'hex', `POST\nMon, 24 Nov 2025 16:00:0${n} GMT\n${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'stripe rotation',
      S,
      (n) => ({
        h: [
          [
            'Acme-Signature',
            `t=${T(n)},v1=${hmac('sha256', 'old', 'hex', `${T(n)}.${B(n)}`)},v1=${hmac('sha256', S, 'hex', `${T(n)}.${B(n)}`)}`,
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'get path',
      S,
      (n) => ({ m: 'GET', u: `https://a.example.com/in/${n}`, h: [['X-Sig', hmac('sha256', S, 'hex', `/in/${n}`)]] }),
    ],
    [
      'binary',
      S,
      (n) => ({
        b: Buffer.concat([Buffer.from([0xff, 0xfe, n, 0, 1]), createHash('md5').update(String(n)).digest()]),
        h: [
          [
            'X-Sig',
            hmac(
              'sha256',
              S,
              'hex',
              Buffer.concat([Buffer.from([0xff, 0xfe, n, 0, 1]), createHash('md5').update(String(n)).digest()]),
            ),
          ],
        ],
      }),
    ],
    [
      'ed25519 standard',
      'whpk_' + ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'),
      (n) => ({
        h: [
          ['webhook-id', `msg_${n}a`],
          ['webhook-timestamp', T(n)],
          [
            'webhook-signature',
            `v1,${hmac('sha256', 'zz', 'base64', B(n))} v1a,${sign(null, Buffer.from(`msg_${n}a.${T(n)}.${B(n)}`), ed25519.privateKey).toString('base64')}`,
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'persona',
      S,
      (n) => ({
        h: [
          [
            'Persona-Signature',
            `t=${T(n)},v1=${hmac('sha256', S, 'hex', `${T(n)}.${B(n)}`)} t=${T(n)},v1=${hmac('sha256', 'old', 'hex', `${T(n)}.${B(n)}`)}`,
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'workos',
      S,
      (n) => ({ h: [['WorkOS-Signature', `t=${MS(n)}, v1=${hmac('sha256', S, 'hex', `${MS(n)}.${B(n)}`)}`]], b: B(n) }),
    ],
    [
      'kraken',
      S,
      (n) => ({
        h: [
          ['X-Nonce', `1${n}23`],
          [
            'X-Sign',
            hmac(
              'sha512',
              S,
              'base64',
              '/in/put',
              createHash('sha256')
                .update(`1${n}23` + B(n))
                .digest(),
            ),
          ],
        ],
        b: B(n),
      }),
    ],
    [
      'lower method',
      S,
      (n) => ({
        h: [
          ['X-T', T(n)],
          ['X-Sig', hmac('sha256', S, 'hex', `post/in/put${T(n)}${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'md5 of time and secret',
      S,
      (n) => ({ b: JSON.stringify({ ts: Number(T(n)), sign: digest('md5', 'hex', `${S}${T(n)}`) }) }),
    ],
    [
      'nested fields',
      S,
      (n) => ({
        b: JSON.stringify({
          event: 'paid',
          data: { b: `x${n}`, a: 1 + n, c: true },
          hash: hmac('sha1', S, 'hex', `a=${1 + n}&b=x${n}&c=true`),
        }),
      }),
    ],
    [
      't.id.body with underscore',
      S,
      (n) => ({
        h: [
          ['X-Hook-Sig', `s=${hmac('sha384', S, 'hex', `${T(n)}_${n}abc_${B(n)}`)};ts=${T(n)}`],
          ['X-Hook-Id', `${n}abc`],
        ],
        b: B(n),
      }),
    ],
    [
      'event header in message',
      S,
      (n) => ({
        h: [
          ['X-Acme-Event', 'order.paid'],
          ['X-T', T(n)],
          ['X-Sig', hmac('sha256', S, 'hex', `order.paid.${T(n)}.${B(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'body then time with sep',
      S,
      (n) => ({
        h: [
          ['X-T', T(n)],
          ['X-Sig', hmac('sha256', S, 'hex', `${B(n)}|${T(n)}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'four with colon',
      S,
      (n) => ({
        h: [
          ['X-T', T(n)],
          ['X-Nonce', `q${n}q`],
          ['X-Sig', hmac('sha256', S, 'base64', `POST:/in/put:${T(n)}:q${n}q:${digest('sha256', 'hex', B(n))}`)],
        ],
        b: B(n),
      }),
    ],
    [
      'payload digest upper',
      S,
      (n) => ({ h: [['X-Sig', hmac('sha256', S, 'hex', digest('sha256', 'hex', B(n)).toUpperCase())]], b: B(n) }),
    ],
    [
      'double hash',
      S,
      (n) => ({ h: [['X-Sig', digest('sha256', 'hex', digest('sha256', 'hex', B(n)) + S)]], b: B(n) }),
    ],
    ['secret body secret', S, (n) => ({ h: [['X-Sig', digest('sha1', 'base64', S + B(n) + S)]], b: B(n) })],
    ['a token in a header named like those of a proxy', S, (n) => ({ h: [['cf-webhook-auth', S]], b: B(n) })],
    ['zulip token in body', S, (n) => ({ b: JSON.stringify({ token: S, n }) })],
  ] satisfies [string, string, (n: number) => R][]
).map(([name, secret, make]) => [name, secret, (n) => request(make(n))]);
