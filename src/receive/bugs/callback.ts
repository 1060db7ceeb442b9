import type { Handshake } from '../../model/handshake.ts';
import { isHttpUrl } from '../../model/http-url.ts';
import type { Vendor } from '../../model/vendor.ts';
import { readObject } from '../../vendors/event-key.ts';
import type { CALLBACK_MISTAKES } from '../../vendors/mistakes/callback.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import { answerHandshake, matchHandshake, type HandshakeRules } from '../handshake.ts';
import type { BehaviourChange } from '../receiver-behaviour.ts';

/** Mistakes with a question that has an address in it to be called. */
export const CALLBACK_BUGS: Record<ShownMistakeId<typeof CALLBACK_MISTAKES>, BehaviourChange> = {
  'never-calls-back': (correct) => ({
    handshake: (context) => {
      const answer = correct.handshake(context);
      return answer === null ? null : { ...answer, calls: undefined };
    },
  }),
  'calls-unverified': answers({ isGenuine: () => true }),
  'calls-any-host': answers({ mayCall: isHttpUrl }),
  'calls-for-anyone': (correct) => ({
    handshake: (context) => {
      const setup = { ...context.setup, account: undefined };
      return correct.handshake({ ...context, setup });
    },
  }),
  'kind-by-header': answers({
    match: (vendor, question) => matchHandshake(withoutBodies(vendor), question),
    isGenuine: ({ request, setup: { signing } }, { callback }) => {
      // As SNS signs an event: without the address, which only a question has.
      const fields = Object.entries(readObject(request.body) ?? {}).filter(([name]) => name !== callback?.field);
      const body = Buffer.from(JSON.stringify(Object.fromEntries(fields)), 'utf8');
      const values = signing?.read(request).flatMap((one) => one.values) ?? [];
      return [request, { ...request, body }].some((read) => values.some((value) => signing?.fits(read, value)));
    },
  }),
  'kind-by-body-alone': answers({ match: (vendor, question) => matchHandshake(withoutHeaders(vendor), question) }),
};

function answers(rules: Partial<HandshakeRules>): BehaviourChange {
  return () => ({ handshake: (context) => answerHandshake(context, rules) });
}

function withoutBodies(vendor: Vendor): Vendor {
  return changed(vendor, (handshake) => ({ ...handshake, body: undefined, toldBy: undefined }));
}

function withoutHeaders(vendor: Vendor): Vendor {
  return changed(vendor, (handshake) => ({ ...handshake, headers: undefined }));
}

const changed = (vendor: Vendor, change: (handshake: Handshake) => Handshake): Vendor => ({
  ...vendor,
  handshakes: vendor.handshakes && { ...vendor.handshakes, value: vendor.handshakes.value.map(change) },
});
