import type { ExpectedNetwork } from '../../source/rules/ask-rules.ts';
import type { ListWay, Ways } from './choose-ways.ts';

/** Whom an endpoint should let in, by their networks; `whyNobody` where those are not known. */
export interface Expected {
  networks: readonly ExpectedNetwork[];
  /** By reverse DNS: hosts below these domains. */
  suffixes: readonly string[];
  whyNobody: string | null;
}

/** Of all ways together: who comes from one of these networks may be the vendor. */
export function expectNetworks({ lists, suffixes }: Ways): Expected {
  const networks = lists.flatMap((way) =>
    way.entries.map((entry) => ({ network: entry.network, source: sourceOf(way, entry) })),
  );
  if (networks.length > 0) return { networks, suffixes, whyNobody: null };
  return {
    networks,
    suffixes,
    whyNobody: `callers below ${suffixes.join(', ')} have no networks that are known beforehand: --allow-file FILE with the list that the vendor gave you`,
  };
}

function sourceOf(way: ListWay, { file, line }: ListWay['entries'][number]): string {
  if (way.kind === 'network')
    return way.certainty === 'doc' ? way.vendor.title : `${way.vendor.title}, inferred and not documented`;
  return file === null ? 'your list' : `${file}:${line}`;
}
