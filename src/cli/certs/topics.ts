import { CHECKS } from '../../certs/checks.ts';
import { MAX_AT_ONCE, MOST_CONNECTIONS } from '../../certs/survey/bounds.ts';
import type { TopicPart } from '../terminal/topic.ts';

const { forAddress, forHost, forOtherHost, forClaims } = MOST_CONNECTIONS;

export const TEXTS = {
  certificates: (): readonly TopicPart[] => [
    'verify-cert sends real POST requests on TLS 1.2 and 1.3: without a certificate, with a self-signed one, ' +
      "with one from an impostor's CA and, if you give one, with yours; if an application answers those, also " +
      'with headers that claim a certificate (P11). An endpoint that accepts them treats them as real events.',
    'Exit code 0 means that a certificate is enforced, that everything you gave was proved (your certificate ' +
      'was accepted, the pin was compared, …), that every address was reached, and that no check failed. 1 ' +
      'also means that something could not be determined. With --only or --skip the code depends only on the ' +
      'chosen checks; each check that --only names must have been made. For a vendor that sends no certificate ' +
      '(Mail-Plus) the pin is proved instead: S2 at every address, S3 and P9.',
    `At most ${forAddress + forHost} connections are opened, ${MAX_AT_ONCE} at a time. Each further address ` +
      `of the host adds ${forAddress}, each --other-host ${forOtherHost}, each further --plain-port 1 at each ` +
      `address, and an application that answers callers without a valid certificate up to ${forClaims} (P11). ` +
      '--only and --skip leave out what is not needed.',
    { title: 'Checks of verify-cert:', terms: Object.entries(CHECKS).map(([id, { title }]) => [id, title] as const) },
    'certs create does in one command what takes five with openssl: a CA, the key, request and certificate ' +
      'of the client, and a server certificate. Keys and the passphrase are readable only by you. Nothing is ' +
      'overwritten without --force, and after an error nothing is left behind. Trust the CA in your endpoint, ' +
      "give the vendor the client's files, and keep ca.key to yourself: anyone who has it can issue " +
      'certificates that you accept.',
    'certs inspect uses no network. Certificates are checked as clients send them to servers, CA files ' +
      'as servers use them to verify clients; a CA file among the files serves as --client-ca. With --client-ca ' +
      "a server's certificate is also checked as a client's, and so is a CA's if no other is given. Exit code 0 " +
      'means that no errors were found and everything was determined: 1 also means an encrypted file without ' +
      'its passphrase, or a --client-ca or --vendor check that could not be made.',
    'certs watch is for the copies of certificates that vendors publish, as PEM or DER, and replace. Every ' +
      'file below the folder is checked; files without a certificate are counted, unreadable files are listed. ' +
      'A damaged certificate fails (1), and so does a folder in which no file can be read (5). A certificate ' +
      'that is not valid yet is a warning here, because vendors publish the next one in advance; for certs ' +
      'inspect it is a failure. The report shows only what needs attention; --json and --reporter have every ' +
      'certificate.',
    'certs snippet reads and changes nothing. File names are made absolute, because a server does not run in ' +
      'this folder.',
  ],
};
