import { EXIT_CODES } from './exit.ts';
import type { TopicPart } from './topic.ts';
import { CONFIG_FILE_NAME } from '../../config/load-config.ts';
import {
  addColorFlags,
  addEffectsFlags,
  addNetworkFlags,
  addRepeatFlags,
  addSecretFlags,
  addStoreFlags,
} from './flags.ts';
import { flagTerms } from './describe-flag.ts';
import { addMaskFlag } from './mask-flag.ts';
import { REPORTERS } from '../../report/reporters.ts';
import { addReporterFlags } from './reporters.ts';
import { addStartFlags } from './start-flags.ts';

/** Topics of no family: what many commands have, and how all of them behave. */
export const TEXTS = {
  'exit-codes': (): readonly TopicPart[] => [
    { terms: EXIT_CODES.map(([code, meaning]) => [String(code), meaning] as const) },
    'Every command uses the same codes. 0 means that the thing was proved: what could not be found out is never a 0.',
    'A command that is interrupted finishes recording, then exits on the signal that stopped it: a shell sees 130 ' +
      'for Ctrl-C and 143 for SIGTERM. One whose reader left (… | head) before the answer was complete exits on ' +
      'SIGPIPE, 141.',
  ],

  configuration: (): readonly TopicPart[] => [
    `Webhooks that you use often stand in ${CONFIG_FILE_NAME}, each with its name, vendor, URL, events and the ` +
      'place of its secret. It is looked for in this folder and in those above it, then among the files of this ' +
      'user. webhook init creates one, webhook add puts a webhook into it, webhook config show prints what was read, ' +
      'secrets masked.',
    'A secret stands there as {"env": "NAME"} or {"file": "PATH"}, so that the file can be committed.',
    'Every delivery is recorded in one SQLite file, the history. A folder that it has to be made in is made, ' +
      'readable by you alone. --no-history, where a command has it, records nothing.',
    flagTerms((command) => addStoreFlags(command)),
    {
      title: 'Environment variables:',
      terms: [
        ['WEBHOOK_CONFIG', 'the configuration to use where --config is not given'],
        ['WEBHOOK_HISTORY', 'the history to use where --history is not given'],
        ['XDG_DATA_HOME', 'the folder that holds hookproof/history.db otherwise (default: ~/.local/share)'],
        ['XDG_CONFIG_HOME', `the folder that holds hookproof/${CONFIG_FILE_NAME} of this user (default: ~/.config)`],
        ['NO_COLOR, FORCE_COLOR', 'no colour anywhere; colour even without a terminal'],
        ['CI', 'no progress is shown, even on a terminal'],
      ],
    },
  ],

  secrets: (): readonly TopicPart[] => [
    'The secret that signs and verifies comes from one of these flags, or from the configured webhook. Prefer a ' +
      'variable or a file: the list of processes and the history of a shell show what was typed.',
    flagTerms((command) => addMaskFlag(addSecretFlags(command))),
    'A file may also hold a key: the PEM of a private key to sign with, of a public key or certificate to verify with.',
    'Secrets are never shown, recorded or exported. Authorization, X-Api-Key, ?token= and headers or parameters of ' +
      'their kind are masked, and so are credentials in URLs; printed commands read them from environment variables ' +
      'instead.',
  ],

  connection: (): readonly TopicPart[] => [
    'Requests go straight to the endpoint: no proxy is used, whatever HTTP_PROXY, HTTPS_PROXY and their kind say. ' +
      'The flags are spelled as curl spells them.',
    flagTerms((command) => addNetworkFlags(command)),
    'Where the vendor shows a client certificate, give yours with --cert and --key, or with --pfx; webhook certs ' +
      'create makes one. With --cacert these CAs alone are trusted, and no longer those of the system.',
    '--resolve and --connect-to change where the connection goes, and neither the Host header nor the name that the ' +
      "server's certificate must have: that is how a server is tried before DNS leads to it.",
  ],

  output: (): readonly TopicPart[] => [
    'The answer goes to stdout; progress, warnings and errors go to stderr. Colour and progress are shown on a ' +
      'terminal alone. Lines are as wide as the terminal, at most 100 columns.',
    flagTerms((command) => addReporterFlags(addColorFlags(command))),
    { title: 'Reporters:', terms: REPORTERS.map(({ name, summary }) => [name, summary] as const) },
    'Stdout gets the one document without =FILE, else the report for people.',
    '-h prints the short help of a command, --help all of its flags. --verbose, where a command has it, shows more ' +
      'of each result.',
    'For colour, --color goes first, then NO_COLOR, then FORCE_COLOR; TERM=dumb means none.',
    'A JSON document is one line and says its schemaVersion. A file that a report is written to is complete or not ' +
      'there at all.',
  ],

  starting: (): readonly TopicPart[] => [
    flagTerms((command) => addStartFlags(command)),
    '--start runs a shell command in this folder, with PORT set to the port of the URL if that is on this machine, ' +
      'waits until the endpoint answers, and ends it with everything that it started: SIGTERM, and after 5 s ' +
      'SIGKILL, also on Ctrl-C or if this program is killed.',
    'If the command ends early, so does the run, and what it printed last is shown. If something answers at the URL ' +
      'before the start, the run is refused: that would be tested instead.',
    'In CI: webhook test --url http://127.0.0.1:3000/hook --vendor VENDOR --secret-env NAME --start "npm start"',
  ],

  effects: (): readonly TopicPart[] => [
    'A status says what the endpoint answered, not what it did: a receiver that answers first and verifies later ' +
      'looks wrong, and one that refuses an event and processes it all the same looks right. With one of these flags ' +
      'the verdicts use what was processed: an accepted event is processed once, a rejected one not at all.',
    'What is printed is a JSON array, or has one id on each line; an event that was processed twice is there twice.',
    flagTerms((command) => addEffectsFlags(command)),
    "Ids are those of the vendor, as webhook events VENDOR names them. Mailkit's events have none, so their EMAIL " +
      'counts, and of Mail-Plus the header Message-ID.',
    '--effects-url is read with the --cacert, -k, --resolve and --connect-to of the endpoint. The client ' +
      'certificate, and credentials in the URL, go to its own origin alone.',
  ],

  reproducibility: (): readonly TopicPart[] => [
    'Ids are random and times are those of the clock. With both of these flags two runs send the same bytes, ' +
      'signatures included, however fast the machine is.',
    flagTerms((command) => addRepeatFlags(command)),
  ],
};
