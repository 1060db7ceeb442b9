import { quoteForShell } from '../model/shell-word.ts';
import type { Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { hostsIn, networksIn } from '../vendors/facts.ts';
import { hasTraits } from '../vendors/traits.ts';
import type { Framework, OwnAccount } from './receiver-parts.ts';
import { isPublicKeyAlgorithm } from './verification.ts';

/** How the commands in the head name things. */
export interface ReceiverWording {
  /** As it is typed: `npx webhook`. */
  program: string;
  /** The vendor as the user named it: an id, or a file. */
  vendor: string;
}

interface HeadWording extends ReceiverWording {
  /** With the secret or the public key. */
  variable: string;
  account: OwnAccount | null;
  /** Each request names the address of its key. */
  isKeyFetched: boolean;
  /** It calls addresses of the vendor's. */
  calls: boolean;
  unanswered: readonly string[];
  code: string;
}

const AGELESS = 'The test warns of replay-refreshed: the signature has no time, so you must limit the age of events.';

const URL_OF_RECEIVER = 'http://127.0.0.1:3000/hook';
/** What the test serves in the vendor's place. */
const TEST_ORIGIN = 'http://127.0.0.1:9911';

/** What a receiver is, how to run it, and how to test it: the lines of a comment. */
export function headOf(vendor: Vendor, framework: Framework, wording: HeadWording): string[] {
  const { program, unanswered, code, account } = wording;
  const install = framework.install(code);
  const { key = [], environment, flags } = commandsOf(vendor, wording);
  const own = account === null ? [] : [`${account.variable}=${quoteForShell(account.sample)}`];
  const test = `${program} test --url ${URL_OF_RECEIVER} --vendor ${quoteForShell(wording.vendor)}`;
  const [forTests, served] = wording.calls
    ? [[`TEST_ORIGIN=${TEST_ORIGIN}`], [`--callbacks-at ${TEST_ORIGIN}`]]
    : [[], []];
  const run = [...own, ...environment, ...forTests, framework.run].join(' ');
  const isSecret = environment.length > 0 && key.length === 0;
  return [
    `Receives the webhooks of ${vendor.title} with ${framework.title}, in ${framework.file}.`,
    ...(vendor.signature.value === null ? describeTrust(vendor) : []),
    ...(hasTraits(vendor, ['untimed-signature', 'signed-date']) ? [AGELESS] : []),
    ...(account === null
      ? []
      : [`Other customers of the vendor get its signature, too: ${account.variable} says which one you are.`]),
    ...unanswered.map((question) => `Not written: ${question}.`),
    ...key,
    `Run:   ${install === null ? '' : `${install} && `}${run}`,
    `Test:  ${[...(isSecret ? environment : []), test, ...flags, ...served].join(' ')}`,
  ];
}

interface HeadCommands {
  /** Makes a key pair, once. */
  key?: string[];
  /** Of the receiver. */
  environment: string[];
  /** Of the test. */
  flags: string[];
}

function commandsOf(vendor: Vendor, { program, variable, isKeyFetched, ...wording }: HeadWording): HeadCommands {
  const spec = vendor.signature.value;
  if (spec === null) return { environment: [], flags: [] };
  if (!isPublicKeyAlgorithm(spec.algorithm))
    return {
      environment: [`${variable}=${quoteForShell(sampleSecret(spec))}`],
      flags: [`--secret-env ${variable}`],
    };
  const file = `${vendor.id}.pem`;
  const command = `${program} vendor key ${quoteForShell(wording.vendor)}`;
  return {
    key: [`Key:   ${command} -o ${file}`],
    environment: isKeyFetched ? [] : [`${variable}="$(${command} --from ${file})"`],
    flags: [`--secret-file ${file}`],
  };
}

/** In the form that the vendor's have: it shows the form, and the commands work as they stand there. */
export function sampleSecret({ key = { encoding: 'utf8' } }: Signature): string {
  const { encoding, prefix = '' } = key;
  return prefix + Buffer.from('for-tests-alone').toString(encoding);
}

/** Of a vendor that signs nothing: by what else a request can be known to be its own, a sentence a line. */
function describeTrust({ title, trust }: Vendor): string[] {
  const cidrs = networksIn(trust).map(({ cidr }) => cidr);
  const hosts = hostsIn(trust);
  const lines = [
    ...(trust.clientCertificate === undefined
      ? []
      : ['It sends a client certificate: require it in the server in front of this.']),
    ...(cidrs.length === 0 ? [] : [`It calls from ${cidrs.join(', ')}: refuse all other addresses.`]),
    ...(hosts.length === 0 ? [] : [`It calls from the addresses of ${hosts.join(', ')}: refuse all other addresses.`]),
    ...(trust.reverseDnsSuffix === undefined
      ? []
      : [
          `The reverse DNS of its addresses ends in ${trust.reverseDnsSuffix.value}: check it, and confirm it ` +
            'forwards.',
        ]),
  ];
  const known =
    lines.length === 0 ? ['Nothing else proves that it sent a request: use a URL that nobody can guess.'] : lines;
  return [`${title} signs nothing: THIS CODE ACCEPTS EVERY REQUEST.`, ...known];
}
