import { expect, test } from 'vitest';
import { learnSignature } from '../../../src/sign/learn/learn-signature.ts';
import type { LearnSubject } from '../../../src/sign/learn/learn-subject.ts';
import { SCHEMES, type MadeRequest } from './schemes.ts';

const subjectOf = ({ method, url, headers, body }: MadeRequest): LearnSubject => ({
  method,
  urls: [url],
  headers,
  body: Buffer.from(body),
});

test.each(SCHEMES)('$name', ({ secret, make, message, algorithm }) => {
  const subjects = [make(1), make(2)].map(subjectOf);
  const { found } = learnSignature(subjects, secret);
  expect(found?.signature.algorithm).toBe(algorithm);
  if (message !== null) expect(found?.signature.message).toEqual(message);
});
