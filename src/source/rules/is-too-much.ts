import { byAddress, type Network, sizeOf } from '../address.ts';
import { isPrivate } from '../special-networks.ts';

/** No public network smaller than these is routed on its own, so nobody's is counted as less. */
const SMALLEST_ROUTED = { 4: 24, 6: 48 } as const;
/** A public network so many times the vendor's is somebody else's, and holds hosts for rent. */
const TOO_MANY_TIMES = 16n;

/** Whether the public networks among these hold so many addresses that strangers have some of them. */
export function isTooMuch(networks: readonly Network[], expected: readonly Network[]): boolean {
  return ([4, 6] as const).some((family) => {
    const outermost: Network[] = [];
    for (const one of networks.toSorted(byAddress)) {
      const last = outermost.at(-1)?.last.value ?? -1n;
      if (one.family === family && one.first.value > last && !isPrivate(one)) outermost.push(one);
    }
    const least = 2n ** BigInt(family === 4 ? 32 - SMALLEST_ROUTED[4] : 128 - SMALLEST_ROUTED[6]);
    const own = totalOf(expected.filter((one) => one.family === family));
    return totalOf(outermost) >= TOO_MANY_TIMES * (own > least ? own : least);
  });
}

const totalOf = (networks: readonly Network[]): bigint => networks.reduce((sum, one) => sum + sizeOf(one), 0n);
