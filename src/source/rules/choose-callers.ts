import { addressOf, type Address, byAddress, hasAddress, isAnyones, type Network, readAddress } from '../address.ts';
import { hasAny, makeFindNetworks } from '../find-by-address.ts';

/** Documentation addresses (RFC 5737, RFC 3849), and two public resolvers in case a rule names the former. */
const UNAUTHORISED = [
  '203.0.113.66',
  '198.51.100.66',
  '192.0.2.66',
  '9.9.9.9',
  '2001:db8::66',
  '2001:db8:66::66',
  '2620:fe::fe',
];

/**
 * For each family an address outside the vendor's networks. It is also outside every network that a rule names, where
 * such an address exists; but a network too wide for one owner holds strangers, and they are not looked for elsewhere.
 */
export function chooseUnauthorisedAddresses(named: readonly Network[], expected: readonly Network[]): Address[] {
  const candidates = UNAUTHORISED.map((text) => readAddress(text)).filter((address) => address !== null);
  return ([4, 6] as const).flatMap((family) => {
    const outside = candidates.filter(
      (address) => address.family === family && !expected.some((network) => hasAddress(network, address)),
    );
    const unnamed = outside.find(
      (address) => !named.some((network) => !isAnyones(network) && hasAddress(network, address)),
    );
    return unnamed ?? outside[0] ?? [];
  });
}

/**
 * An address between each two boundaries beside the vendor's networks, with the innermost network that a rule names
 * around it: no rule changes between them. Loopback networks are left out.
 */
export function chooseOthers(
  named: readonly Network[],
  expected: readonly Network[],
): { network: Network; address: Address }[] {
  return ([4, 6] as const).flatMap((family) => {
    const ofFamily = [...new Map(named.map((network) => [network.text, network])).values()].filter(
      (network) => network.family === family && network.prefixLength > 0,
    );
    const known = expected.filter((network) => network.family === family);
    const findKnown = makeFindNetworks(known);
    const waiting = ofFamily.toSorted(byAddress).toReversed();
    const around: Network[] = [];
    return boundariesOf([...ofFamily, ...known]).flatMap((value) => {
      while (around.length > 0 && (around.at(-1) as Network).last.value < value) around.pop();
      while (waiting.at(-1)?.first.value === value) around.push(waiting.pop() as Network);
      const network = around.at(-1);
      const address = addressOf(family, value);
      return network === undefined || isLoopback(network) || hasAny(findKnown(address)) ? [] : [{ network, address }];
    });
  });
}

/** Where some network begins, and where one has ended. */
function boundariesOf(networks: readonly Network[]): bigint[] {
  const values = new Set(networks.flatMap(({ first, last }) => [first.value, last.value + 1n]));
  return [...values].toSorted((one, other) => (one < other ? -1 : 1));
}

/** 127.0.0.0/8 and ::1. */
function isLoopback({ family, first, last }: Network): boolean {
  return family === 4
    ? first.value >> 24n === 127n && last.value >> 24n === 127n
    : first.value === 1n && last.value === 1n;
}
