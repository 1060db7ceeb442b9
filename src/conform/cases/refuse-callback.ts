import type { Handshake, HandshakeCallback } from '../../model/handshake.ts';
import { isObject } from '../../model/json.ts';
import { readHeader, readScalar } from '../../vendors/event-key.ts';
import { askHandshake, type QuestionChoice } from '../ask-handshake.ts';
import { addMember, requestOf, setHeader } from '../change-request.ts';
import type { CaseTemplate, EventFactory, GoodEvent, SigningChoice, WireRequest } from '../conformance-case.ts';
import { handshakes, wantCall } from './accept-handshake.ts';

/** A question of the vendor's that has an address called. */
type Asking = Handshake & { callback: HandshakeCallback };

/** Addresses that must not be called, each beside a right one that shows whether the endpoint calls any of ours. */
export const CALLBACK_CASES: readonly CaseTemplate[] = [
  {
    id: 'callback-forged',
    title: 'an address in a handshake request that the vendor did not sign is not called',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['callback', 'signature'],
    needs: ['servesCallback'],
    change: (factory) => forEach(factory, forged),
    mistake:
      'the address is called before the signature is verified: anyone can make the endpoint call any address (SSRF)',
    fix: 'verify the handshake request like an event, and call nothing unless its signature matches',
    emptyBecause: 'hookproof could not serve an address',
  },
  {
    id: 'callback-unsigned',
    title: 'an event whose header calls it a handshake does not have its address called',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['callback', 'signature'],
    needs: ['servesCallback'],
    change: (factory) => forEach(factory, eventWithAddress),
    mistake:
      'an unsigned header decides what kind of message it is: the address in an event is not signed either, so ' +
      'whoever captured one can make the endpoint call any address (SSRF)',
    fix: 'read the kind of a message from its signed body, and refuse one whose header says otherwise',
    emptyBecause: 'no header distinguishes a handshake request from an event',
  },
  {
    id: 'callback-foreign-host',
    title: "an address that is not on one of the vendor's hosts is not called",
    // With its signature; where the key is fetched from anywhere, too, anybody has that.
    sender: 'secret-holder',
    restsOn: [handshakes],
    appliesTo: 'callback',
    needs: ['servesCallback'],
    change: (factory) => forEach(factory, foreign),
    mistake: "any address is called, or the vendor's host name may be anywhere in it (SSRF)",
    fix: "call only the vendor's hosts, and only over https: compare the whole host name",
    emptyBecause: 'hookproof could not serve an address',
  },
  {
    id: 'callback-other-account',
    title: 'a handshake request caused by another customer of the vendor does not lead to a call',
    sender: 'anyone',
    restsOn: [handshakes],
    // Which one is its own, the endpoint alone knows.
    isAdvice: true,
    appliesTo: 'callback-account',
    needs: ['servesCallback'],
    change: (factory) => forEach(factory, ofAnotherAccount),
    mistake: 'any customer of the vendor can subscribe this endpoint to their own events, correctly signed',
    fix: 'check that it is yours (for Amazon SNS by the TopicArn), and call nothing for anyone else',
    emptyBecause: 'nothing shows whose handshake request it is',
  },
  {
    id: 'callback-contradicted',
    title: 'a handshake request whose header says otherwise does not have its address called',
    sender: 'anyone',
    restsOn: [],
    // The address is signed.
    isAdvice: true,
    appliesTo: 'callback',
    needs: ['servesCallback'],
    change: (factory) => forEach(factory, contradicted),
    mistake: 'the header and the body say different things, and only one of them is checked',
    fix: 'refuse a message whose header contradicts its signed body',
    emptyBecause: 'no header distinguishes a handshake request from an event',
  },
];

/** With a right question first. */
function forEach(
  factory: EventFactory,
  attacks: (handshake: Asking, factory: EventFactory) => WireRequest[],
): WireRequest[] {
  if (factory.callback('foreign') === null) return [];
  const asking = (factory.vendor.handshakes?.value ?? []).filter((one): one is Asking => one.callback !== undefined);
  return asking.flatMap((handshake) => {
    const sent = attacks(handshake, factory);
    return sent.length === 0 || attacks === foreign ? sent : [control(handshake, factory), ...sent];
  });
}

/** That it must be called says another case: here it only shows whether the attack means anything. */
function control(handshake: Handshake, factory: EventFactory): WireRequest {
  const { callback, ...right } = wantCall(handshake, factory);
  return { ...right, callback: callback && { ...callback, isTrusted: false }, label: 'a valid handshake request' };
}

function forged(handshake: Asking, factory: EventFactory): WireRequest[] {
  return [
    { ...notCalled(handshake, factory, { signing: { secret: 'another' } }), label: 'signed with another key' },
    {
      ...notCalled(handshake, factory, { change: (event) => factory.place(event, null) }),
      label: 'without a signature',
    },
    {
      ...notCalled(handshake, factory, { swapsAddress: true }),
      label: 'with an address other than the signed one',
    },
  ];
}

interface Attack {
  question?: QuestionChoice;
  signing?: SigningChoice;
  /** Of what is signed already. */
  change?: (event: GoodEvent) => GoodEvent;
  /** What is signed holds another address. */
  swapsAddress?: boolean;
  host?: 'trusted' | 'foreign';
  addressOf?: (url: string) => string;
}

/** A question whose address must not be called. */
function notCalled(handshake: Asking, factory: EventFactory, attack: Attack): WireRequest {
  const { question = {}, signing, change = asItIs, host = 'trusted', addressOf = asItIs } = attack;
  const callback = factory.callback(host) ?? undefined;
  const address = addressOf(callback?.url ?? '');
  const signed = attack.swapsAddress ? address.replace(/[0-9a-f]$/, (digit) => (digit === '0' ? '1' : '0')) : address;
  const { event } = askHandshake(handshake, factory, { ...question, callback: signed });
  const whole = change(factory.sign(event, signing)?.whole ?? event);
  const body = Buffer.from(Buffer.from(whole.body).toString('utf8').replace(signed, address), 'utf8');
  return { ...requestOf({ ...whole, body }, 'not-called'), callback };
}

const asItIs = <T>(value: T): T => value;

/** Each leads to the same place, which is not the vendor's: some look like an address of its. */
function foreign(handshake: Asking, factory: EventFactory): WireRequest[] {
  const own = handshake.callback.hosts[0].replaceAll('*', 'example');
  const looks: readonly ((url: string) => string)[] = [
    (url) => url,
    (url) => url.replace(/(?<!\/)\/(?!\/)/, `/${own}/`),
    (url) => `${url}?host=${own}`,
    (url) => url.replace('//', `//${own}@`),
  ];
  return looks.map((addressOf) => {
    const request = notCalled(handshake, factory, { host: 'foreign', addressOf });
    return { ...request, label: `with the address ${addressOf(request.callback?.url ?? '')}` };
  });
}

function ofAnotherAccount(handshake: Asking, factory: EventFactory): WireRequest[] {
  const { body, callback } = handshake;
  const own = isObject(body) ? readScalar(body, callback.account ?? '') : null;
  if (own === null || callback.account === undefined) return [];
  const other = `${own}-of-a-stranger`;
  const request = notCalled(handshake, factory, { question: { values: { [callback.account]: other } } });
  return [{ ...request, label: `of ${other}` }];
}

/** A genuine event into which an address was written afterwards: it is signed where it stands in a question alone. */
function eventWithAddress(handshake: Asking, factory: EventFactory): WireRequest[] {
  const telling = Object.entries(handshake.headers ?? {});
  if (telling.length === 0) return [];
  const callback = factory.callback('trusted') ?? undefined;
  const event = factory.event();
  const { headers, body, ...signed } = factory.sign(event)?.whole ?? event;
  const changed = {
    ...signed,
    headers: telling.reduce((list, [name, value]) => setHeader(list, name, value), headers),
    body: addMember(body, handshake.callback.field, JSON.stringify(callback?.url)),
  };
  return [{ ...requestOf(changed, 'not-called'), callback, label: 'an event' }];
}

function contradicted(handshake: Asking, factory: EventFactory): WireRequest[] {
  const usual = factory.event().headers;
  const others = Object.keys(handshake.headers ?? {}).flatMap((name): [string, string][] => {
    const value = readHeader(usual, name);
    return value === null ? [] : [[name, value]];
  });
  if (others.length === 0) return [];
  const change = (event: GoodEvent): GoodEvent => ({
    ...event,
    headers: others.reduce((list, [name, value]) => setHeader(list, name, value), event.headers),
  });
  return [{ ...notCalled(handshake, factory, { change }), label: 'with the header of an event' }];
}
