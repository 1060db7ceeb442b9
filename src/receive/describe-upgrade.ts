import type { Header } from '../model/plan.ts';

/**
 * What a request says of another protocol, in words; null for most. A server may answer over HTTP/1.1 all the same (RFC
 * 9110, section 7.8), and this one does.
 */
export function describeUpgrade(headers: readonly Header[]): string | null {
  const protocols = headers
    .filter(([name]) => name.toLowerCase() === 'upgrade')
    .flatMap(([, value]) => value.split(',').map((one) => one.trim()))
    .filter((one) => one !== '');
  const offers = [
    ...(protocols.some((one) => one.toLowerCase() === 'h2c') ? ['Upgrade: h2c'] : []),
    ...(headers.some(([name]) => name.toLowerCase() === 'http2-settings') ? ['HTTP2-Settings'] : []),
  ];
  if (offers.length > 0) return `it offers HTTP/2 without TLS (${offers.join(', ')}): ${ANSWERED}`;
  return protocols.length === 0 ? null : `it asks for another protocol (Upgrade: ${protocols.join(', ')}): ${ANSWERED}`;
}

const ANSWERED = 'answered over HTTP/1.1, as a server may';
