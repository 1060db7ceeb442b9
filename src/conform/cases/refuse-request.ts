import { contentType } from '../../vendors/decisive-facts.ts';
import { firstHalf, goodRequest, setHeader, withBody } from '../change-request.ts';
import type { CaseTemplate, EventFactory, Expectation, WireRequest } from '../conformance-case.ts';

const ANY_METHOD = {
  mistake: 'the route takes every method',
  fix: 'take POST alone; answer others 405',
};
const ANY_CONTENT_TYPE = {
  mistake: 'the content type is not looked at: where nothing is signed, any web page can send such a form',
  fix: 'answer 415 to what is not application/json',
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
    change: (factory) => [{ ...goodRequest(factory, {}, {}, 'refused'), method: 'PUT' }],
    ...ANY_METHOD,
  },
  {
    id: 'content-type-text',
    title: 'a body that is called text/plain is refused',
    sender: 'secret-holder',
    restsOn: [contentType],
    // A body that can be read loses nothing by its name.
    isAdvice: true,
    change: (factory) => [typedAs(factory, 'text/plain')],
    ...ANY_CONTENT_TYPE,
  },
  {
    id: 'content-type-form',
    title: 'a body that is called a form is refused',
    appliesTo: 'never-a-form',
    sender: 'secret-holder',
    restsOn: [contentType],
    // A body that can be read loses nothing by its name.
    isAdvice: true,
    change: (factory) => [typedAs(factory, 'application/x-www-form-urlencoded')],
    ...ANY_CONTENT_TYPE,
  },
  {
    id: 'malformed-json',
    title: 'a body that is no JSON is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    change: (factory) => [withBody(factory, firstHalf, 'refused-4xx')],
    mistake: 'the parser throws and nobody catches: 500',
    fix: 'catch the error of the parser and answer 400',
  },
  {
    id: 'json-not-object',
    title: 'JSON that is no object is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    change: (factory) =>
      ['null', '[]', '"text"'].map((text) => withBody(factory, () => Buffer.from(text), 'refused-4xx')),
    mistake: 'fields are read of what is no object: 500, or nothing is read and the answer is success',
    fix: 'check that the body is an object, and answer 400',
  },
  {
    id: 'empty-body',
    title: 'an empty body is answered 4xx',
    sender: 'secret-holder',
    restsOn: [],
    change: (factory) => [withBody(factory, () => new Uint8Array(), 'refused-4xx')],
    mistake: 'the parser throws (500), or an empty body counts as an empty event',
    fix: 'answer 400 to an empty body',
  },
];

function typedAs(factory: EventFactory, type: string, expect: Expectation = 'refused'): WireRequest {
  const request = goodRequest(factory, {}, {}, expect);
  return { ...request, headers: setHeader(request.headers, 'Content-Type', type) };
}
