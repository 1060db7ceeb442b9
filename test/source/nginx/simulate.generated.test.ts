import { array, sample, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/source/rules/server-rules.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { decideCall, outcomeOf, startRules, type Call, type Reaction } from '../../helpers/nginx-rules.ts';
import { SEED } from '../../runner/seed.ts';
import { AROUND, CALL, SERVER } from './generate.ts';

const SERVERS = 400;
const CALLS = 6;
const AT_ONCE = 32;

/** Only ok.html is there: what takes another file for granted, or this one for missing, cannot be compared. */
const isWrongAssumption = ({ doubts }: Decision): boolean =>
  doubts.some(({ text }) =>
    /^a file is assumed to be at (?!\/ok\.html$)|^no file is assumed to be at \/ok\.html$/.test(text),
  );

const isAlike = (reaction: Reaction, { outcome, status }: Decision): boolean =>
  outcome === outcomeOf(reaction) && (status === null || status === reaction.status);

describe.skipIf(!hasNginx)(`generated configurations${hasNginx ? '' : ' (skipped: nginx is not installed)'}`, () => {
  test(`${SERVERS} of them, asked ${CALLS} times each`, async () => {
    const generated = sample(tuple(SERVER, array(CALL, { minLength: CALLS, maxLength: CALLS })), {
      numRuns: SERVERS,
      seed: SEED,
    }).map(([content, calls], index) => ({ content, calls, host: `g${index}.test` }));
    const server = await startRules(
      `${AROUND}\nserver { LISTEN default_server; return 404; }\n${generated.map(({ content, host }) => `server { LISTEN; server_name ${host};\n${content}\n}`).join('\n')}`.replace(
        'LISTEN default_server',
        'listen 127.0.0.1:PORT default_server; listen [::1]:PORT default_server',
      ),
      { users: 'a:{PLAIN}b\n', 'html/ok.html': 'ok' },
    );
    const wrong: string[] = [];
    let compared = 0;
    const compare = async (content: string, call: Call): Promise<void> => {
      const reaction = await server.post(call);
      const decision = decideCall(server, call);
      if (decision.outcome === 'undecided' || isWrongAssumption(decision)) return;
      compared += 1;
      if (!isAlike(reaction, decision))
        wrong.push(
          `${content}\n${JSON.stringify(call)}\nnginx: ${JSON.stringify(reaction)}\nsimulated: ${decision.outcome} ${decision.status} ${decision.because} ${decision.place?.text}`,
        );
    };
    const all = generated.flatMap(({ content, calls, host }) =>
      calls.map((call) => ({ content, call: { ...call, host } })),
    );
    try {
      for (let at = 0; at < all.length; at += AT_ONCE)
        await Promise.all(all.slice(at, at + AT_ONCE).map(({ content, call }) => compare(content, call)));
    } finally {
      await server.stop();
    }
    expect(
      wrong
        .toSorted((one, other) => one.length - other.length)
        .slice(0, 3)
        .join('\n\n'),
      `${wrong.length} of ${compared} differ; TEST_SEED=${SEED} shows them again`,
    ).toBe('');
    expect(compared).toBeGreaterThan(SERVERS * CALLS * 0.75);
  });
});
