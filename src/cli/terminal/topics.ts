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
    'Every command uses the same codes. 0 means that the result was proved: an unknown result is never 0.',
    'An interrupted command finishes recording, then exits on the signal that stopped it: a shell sees 130 ' +
      'for Ctrl-C and 143 for SIGTERM. If the reader closes the pipe early (… | head), a list or an export ends ' +
      'with 0, and a command whose verdict is not known by then exits on SIGPIPE, 141.',
  ],

  configuration: (): readonly TopicPart[] => [
    `${CONFIG_FILE_NAME} lists the webhooks that you use often, each with its name, vendor, URL, events and ` +
      "the source of its secret. It is searched for in this folder and those above it, then in this user's " +
      'configuration folder. webhook init creates one, webhook add adds a webhook, webhook config show prints ' +
      'what was read, secrets masked.',
    'Write a secret there as {"env": "NAME"} or {"file": "PATH"}, so that the file can be committed.',
    'Every delivery is recorded in one SQLite file, the history. A missing folder is created, readable only ' +
      'by you. With --no-history, where a command has it, nothing is recorded.',
    'A team can share a history in PostgreSQL 14 or newer: postgres://USER@HOST:PORT/DATABASE in place of the ' +
      'file. The tables are created at the first record. What the address leaves out comes from PGHOST, PGPORT, ' +
      'PGUSER, PGDATABASE, PGSSLMODE and the other PG variables, the password from PGPASSWORD or ~/.pgpass.',
    flagTerms((command) => addStoreFlags(command)),
    {
      title: 'Environment variables:',
      terms: [
        ['WEBHOOK_CONFIG', 'the configuration to use without --config'],
        ['WEBHOOK_HISTORY', 'the history to use without --history'],
        ['XDG_DATA_HOME', 'the folder that holds hookproof/history.db otherwise (default: ~/.local/share)'],
        ['XDG_CONFIG_HOME', `the folder that holds hookproof/${CONFIG_FILE_NAME} of this user (default: ~/.config)`],
        ['NO_COLOR, FORCE_COLOR', 'no colour anywhere; colour even without a terminal'],
        ['CI', 'no progress is shown, even on a terminal'],
      ],
    },
  ],

  secrets: (): readonly TopicPart[] => [
    'The secret that signs and verifies comes from one of these flags, or from the configured webhook. ' +
      'Prefer a variable or a file: the process list and the shell history show what was typed.',
    flagTerms((command) => addMaskFlag(addSecretFlags(command))),
    'A file may also hold a key: the PEM of a private key to sign with, of a public key or certificate to verify with.',
    'Secrets are never shown, recorded or exported. Authorization, X-Api-Key, ?token= and similar headers or ' +
      'parameters are masked, and so are credentials in URLs; printed commands read them from environment ' +
      'variables instead.',
  ],

  connection: (): readonly TopicPart[] => [
    'Requests go straight to the endpoint: no proxy is used, and HTTP_PROXY, HTTPS_PROXY and similar ' +
      'variables are ignored. The flags are spelled as in curl.',
    flagTerms((command) => addNetworkFlags(command)),
    'If the vendor sends a client certificate, give one with --cert and --key, or with --pfx; webhook certs ' +
      "create makes one. With --cacert only these CAs are trusted, not the system's.",
    '--resolve and --connect-to change where the connection goes, but not the Host header or the name that ' +
      "the server's certificate must have: use them to try a server before DNS points to it.",
  ],

  output: (): readonly TopicPart[] => [
    'The answer goes to stdout; progress, warnings and errors go to stderr. Colour and progress are shown ' +
      'only on a terminal. Lines are as wide as the terminal, at most 100 columns.',
    flagTerms((command) => addReporterFlags(addColorFlags(command))),
    { title: 'Reporters:', terms: REPORTERS.map(({ name, summary }) => [name, summary] as const) },
    'Stdout gets the one document without =FILE, else the terminal report.',
    '-h prints the short help of a command, --help all of its flags. --verbose, where a command has it, shows more ' +
      'of each result.',
    'For colour, --color comes first, then NO_COLOR, then FORCE_COLOR; TERM=dumb means none.',
    'A JSON document is one line and includes its schemaVersion. A report file is written completely or not ' +
      'at all.',
  ],

  starting: (): readonly TopicPart[] => [
    flagTerms((command) => addStartFlags(command)),
    '--start runs a shell command in this folder, with PORT set to the port of the URL if that is on this ' +
      'machine, waits until the endpoint answers, and stops it with all its child processes: SIGTERM, and ' +
      'after 5 s SIGKILL, also on Ctrl-C or if this program is killed.',
    'If the command ends early, so does the run, and its last output is shown. If something already answers ' +
      'at the URL, the run is refused: it would be tested instead.',
    'In CI: webhook test --url http://127.0.0.1:3000/hook --vendor VENDOR --secret-env NAME --start "npm start"',
  ],

  effects: (): readonly TopicPart[] => [
    'A status says what the endpoint answered, not what it did: a receiver that answers first and verifies ' +
      'later looks wrong, and one that refuses an event but processes it anyway looks right. With one of these ' +
      'flags the verdicts use what was processed: an accepted event is processed once, a rejected one not at ' +
      'all.',
    'Print a JSON array, or one id per line; repeat the id of an event that was processed twice.',
    flagTerms((command) => addEffectsFlags(command)),
    "Use the vendor's ids, as shown by webhook events VENDOR. Mailkit's events have none, so their EMAIL " +
      'counts; for Mail-Plus it is the Message-ID header.',
    '--effects-url is read with the --cacert, -k, --resolve and --connect-to of the endpoint. The client ' +
      'certificate, and credentials in the URL, are sent only to its own origin.',
  ],

  reproducibility: (): readonly TopicPart[] => [
    'Ids are random and times come from the clock. With both of these flags two runs send the same bytes, ' +
      'including signatures, at any speed.',
    flagTerms((command) => addRepeatFlags(command)),
  ],
};
