import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { makeFinding } from './finding.ts';
import { describeReaction, judgeReaction, type Layer } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

const LAYER_TEXT: Record<Layer, string> = {
  tls: 'the TLS layer',
  server: 'the server',
  application: 'the application',
};

/** R1: at which layer the refusal happens, so that one knows which configuration or log to open. */
export function judgeWhoAnswered(results: readonly ProbeResult[]): Finding {
  const answers = results
    .map((result) => ({ result, reaction: judgeReaction(result) }))
    .filter(({ reaction }) => reaction.kind !== 'not-offered');
  const durationMs = Math.max(0, ...answers.map(({ result }) => result.durationMs));
  const texts = answers.map(({ result, reaction }) => {
    const who = reaction.kind === 'refused' ? LAYER_TEXT[reaction.layer] : 'nobody';
    return `${result.version.replace('TLSv', 'TLS ')}: ${who} (${describeReaction(result)})`;
  });
  const allRefused = answers.length > 0 && answers.every(({ reaction }) => reaction.kind === 'refused');
  const detail = texts.length > 0 ? texts.join('; ') : 'the server speaks neither TLS 1.2 nor TLS 1.3';
  return makeFinding(CHECKS.R1, null, { status: allRefused ? 'pass' : 'skip', detail }, durationMs);
}
