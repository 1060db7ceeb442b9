import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';
import { isPerLocation, isShutUnasked, judgeDoor, type Door } from './judge-door.ts';
import { describeReaction } from './judge-reaction.ts';
import { VERDICT_TEXT } from './judge-verdict.ts';
import type { Visits } from '../survey/visits.ts';

/** P6: the versions side by side, `visits` being those of one address that speak TLS. */
export function judgeVersions(visits: readonly Visits[]): Finding {
  const doors = explainTwins(
    visits
      .map((visit) => ({ visit, version: visit.without.version.replace('TLSv', 'TLS '), door: judgeDoor(visit) }))
      .filter(({ door }) => door !== null),
  );
  const durationMs = Math.max(0, ...visits.map(({ without }) => without.durationMs));
  const observed = doors.map(({ version, door, visit }) => `${version}: ${describeDoor(door, visit)}`).join('; ');
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.P6, null, { observed, ...conclusion }, durationMs);
  const [first, ...others] = doors;
  if (isPerLocation(visits)) {
    return conclude({
      status: 'fail',
      detail:
        'the certificate is asked for in one location only: TLS 1.3 cannot do that and refuses everybody, with the good certificate too',
      expected: 'the same on TLS 1.2 and TLS 1.3',
      ...mend('per-location'),
    });
  }
  if (first !== undefined && others.length === 0) {
    const alone = `${first.version} alone is spoken`;
    return first.door === 'unknown' && isShutUnasked(first.visit)
      ? conclude({
          status: 'warn',
          detail: `${alone}, and it refuses everybody unasked: a certificate per location, or a rule that is not about certificates`,
        })
      : conclude({ status: 'skip', detail: `${alone}, so there is nothing to compare` });
  }
  if (first === undefined) return conclude({ status: 'skip', detail: 'no handshake got far enough' });
  if (others.every(({ door }) => door === first.door)) return conclude({ status: 'pass', detail: 'the same on both' });
  const isUnsure = doors.some(({ door }) => door === 'unknown');
  return conclude({
    status: isUnsure ? 'warn' : 'fail',
    detail: observed,
    expected: 'the same on TLS 1.2 and TLS 1.3',
    fix: 'whoever calls chooses the version: the weaker one counts',
  });
}

interface VersionDoor {
  visit: Visits;
  version: string;
  door: Door | null;
}

/** An unasked refusal on TLS 1.3 has two explanations; where TLS 1.2 gives the same one, and asks neither, one is left. */
function explainTwins(doors: readonly VersionDoor[]): VersionDoor[] {
  const open = doors.find(({ door }) => door === 'never-asks');
  return doors.map((one) =>
    open !== undefined &&
    one.door === 'unknown' &&
    isShutUnasked(one.visit) &&
    one.visit.without.status === open.visit.without.status
      ? { ...one, door: open.door }
      : one,
  );
}

function describeDoor(door: Door | null, { without }: Visits): string {
  if (door === 'unknown' || door === null) return `not known (without a certificate: ${describeReaction(without)})`;
  return VERDICT_TEXT[door];
}
