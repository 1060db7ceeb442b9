import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { fixesFor } from '../fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding, type Conclusion } from './finding.ts';
import { describeChainError } from './judge-server-chain.ts';

/**
 * S2: what a caller says who trusts one pinned certificate and no store, as the JDK does it. `seen` comes from a
 * handshake that trusted the pinned one alone, with a partial chain. Where the pin is the leaf itself the JDK looks at
 * the host name only: expired and for another purpose will do (measured, JDK 17).
 */
export function judgePinned(seen: ProbeResult, pinned: readonly string[], name: string): Finding {
  const conclude = (conclusion: Conclusion): Finding => makeFinding(CHECKS.S2, null, conclusion, seen.durationMs);
  const { server } = seen;
  if (server === null) return conclude({ status: 'skip', detail: 'no handshake came to its end, so nothing could be verified' });
  const isLeaf = pinned.includes(server.fingerprint);
  if (server.chainError !== null && !isLeaf) {
    return conclude({
      status: 'fail',
      detail: `the pinned certificate does not lead to the server's: ${describeChainError(server.chainError)}`,
      expected: 'a chain to the pinned certificate',
      observed: server.chainError,
      advice: "pin the server's root or intermediate and send the whole chain; after a change of CA give the vendor the new one",
      fixes: fixesFor('server-chain'),
    });
  }
  if (!server.nameMatches) return conclude({ status: 'fail', detail: `the server's certificate is for another name than ${name}`, expected: name, observed: 'other names', advice: `have it issued for ${name}` });
  return conclude({ status: 'pass', detail: isLeaf ? 'it is the very certificate of the server: pin its CA instead, or each renewal breaks it' : 'its chain leads to the pinned certificate' });
}

/** S2 where nothing was pinned. */
export function skipPinned(detail: string): Finding {
  return makeFinding(CHECKS.S2, null, { status: 'skip', detail }, 0);
}
