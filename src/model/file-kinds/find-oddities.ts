import { readPem } from '../pem.ts';
import { type KnownFile, lookAt } from './file-kind.ts';

/** What OpenSSL reads and others do not, of a file that is good otherwise. */
export function findOddities({ path, bytes }: { path: string; bytes: Uint8Array }): KnownFile[] {
  const { text, word, newFile } = lookAt(path, bytes, 'any');
  const { blocks } = readPem(text);
  const copy = newFile('pem');
  const found: [isThere: boolean, what: string, advice: string, command: string][] = [
    [
      text.startsWith('\u00ef\u00bb\u00bf') && blocks.length > 0,
      'it starts with a byte-order mark, which Caddy and Java do not skip',
      'take it out',
      `tail -c +4 ${word} > ${copy}`,
    ],
    [
      blocks.some(({ label }) => label === 'X509 CERTIFICATE'),
      'it has the old label X509 CERTIFICATE, which Caddy does not recognise',
      'use the current label',
      `sed 's/X509 CERTIFICATE/CERTIFICATE/' ${word} > ${copy}`,
    ],
    [
      blocks[0]?.label.endsWith(' PARAMETERS') === true && blocks.some(({ label }) => label.endsWith('CERTIFICATE')),
      'its certificate comes after something else, but for a CA Caddy and Java read only the first block',
      'remove that',
      `awk '/BEGIN .*PARAMETERS/{skip=1} !skip; /END .*PARAMETERS/{skip=0}' ${word} > ${copy}`,
    ],
  ];
  return found.filter(([isThere]) => isThere).map(([, what, advice, command]) => ({ what, cure: { advice, command } }));
}
