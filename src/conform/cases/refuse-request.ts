import { methodOf } from '../../vendors/body-facts.ts';
import { mediaTypesOf } from '../../vendors/facts.ts';
import { contentType } from '../../vendors/decisive-facts.ts';
import type { Vendor } from '../../model/vendor.ts';
import { changeJson } from '../change-body.ts';
import { firstHalf, goodRequest, setHeader, withBody } from '../change-request.ts';
import type { CaseTemplate, EventFactory, Expectation, WireRequest } from '../conformance-case.ts';

const ANY_METHOD = {
  mistake: 'the route accepts every method',
  fix: (vendor: Vendor) => `accept only ${methodOf(vendor)}; answer 405 to others`,
};
const ANY_CONTENT_TYPE = {
  mistake: 'the content type is not checked: if nothing is signed, any web page can send such a form',
  fix: (vendor: Vendor) => `answer 415 to anything but ${mediaTypesOf(vendor)[0] ?? 'application/json'}`,
};

/** What the vendor does not send, signed or not: another method, another content type, no JSON object. */
export const REQUEST_CASES: readonly CaseTemplate[] = [
  {
    id: 'method-get',
    title: 'GET has no effect',
    sender: 'secret-holder',
    restsOn: [],
    // The vendor sends POST alone; that the others are refused it does not ask.
    isAdvice: true,
    appliesTo: 'not-by-get',
    change: (factory) => [{ ...goodRequest(factory, {}, {}, 'no-effect'), method: 'GET' }],
    ...ANY_METHOD,
  },
  {
    id: 'method-put',
    title: 'PUT is refused',
    sender: 'secret-holder',
    restsOn: [],
    // The vendor sends POST alone; that the others are refused it does not ask.
    isAdvice: true,
    appliesTo: 'not-by-put',
    change: (factory) => [{ ...goodRequest(factory, {}, {}, 'refused'), method: 'PUT' }],
    ...ANY_METHOD,
  },
  {
    id: 'content-type-text',
    title: 'a body sent as text/plain is refused',
    sender: 'secret-holder',
    restsOn: [contentType],
    // A body that can be read loses nothing by its name.
    isAdvice: true,
    appliesTo: ['structured-body', 'never-text'],
    change: (factory) => [typedAs(factory, 'text/plain')],
    ...ANY_CONTENT_TYPE,
  },
  {
    id: 'content-type-form',
    title: 'a body sent as a form is refused',
    appliesTo: ['structured-body', 'never-a-form'],
    sender: 'secret-holder',
    restsOn: [contentType],
    // A body that can be read loses nothing by its name.
    isAdvice: true,
    change: (factory) => [typedAs(factory, 'application/x-www-form-urlencoded')],
    ...ANY_CONTENT_TYPE,
  },
  {
    id: 'malformed-json',
    title: 'a body that is not JSON is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'json-body',
    change: (factory) => [withBody(factory, changeJson(factory.vendor, firstHalf), 'refused-4xx')],
    mistake: 'the parser throws and nothing catches it: 500',
    fix: 'catch errors of the parser and answer 400',
  },
  {
    id: 'json-not-object',
    title: 'JSON that is not an object is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'json-text',
    change: (factory) =>
      notEvents(factory.vendor).map((text) =>
        withBody(
          factory,
          changeJson(factory.vendor, () => Buffer.from(text)),
          'refused-4xx',
        ),
      ),
    mistake: 'fields of a non-object are read (500), or nothing is read and the answer is success',
    fix: 'check that the body is an object, and answer 400',
  },
  {
    id: 'empty-body',
    title: 'an empty body is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'has-body',
    change: (factory) => [withBody(factory, () => new Uint8Array(), 'refused-4xx')],
    mistake: 'the parser throws (500), or an empty body counts as an empty event',
    fix: 'answer 400 to an empty body',
  },
];

/** JSON that holds no event: some vendors send lists, and an empty one says nothing. */
function notEvents({ batch }: Vendor): string[] {
  if (batch === undefined) return ['null', '[]', '"text"'];
  return batch.value.singleIsBare ? ['null', '"text"'] : ['null', '{}', '"text"'];
}

function typedAs(factory: EventFactory, type: string, expect: Expectation = 'refused'): WireRequest {
  const request = goodRequest(factory, {}, {}, expect);
  return { ...request, headers: setHeader(request.headers, 'Content-Type', type) };
}
