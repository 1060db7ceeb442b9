import { addressOf, readAddress, type Address } from '../address/address.ts';
import { hasAddress, type Network } from '../address/network.ts';

/** The most addresses that are tried of one network. */
const MAX_SAMPLES = 2000;
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
 * The addresses of `network` that matter: its ends, and both sides of each boundary that a rule draws within it. No
 * rule changes between two of them, so what holds for all of them holds for the network.
 */
export function sampleNetwork(network: Network, named: readonly Network[]): Address[] {
  const values = new Set([network.first.value, network.last.value]);
  for (const one of named) {
    if (values.size >= MAX_SAMPLES) break;
    if (one.family !== network.family) continue;
    for (const value of [one.first.value - 1n, one.first.value, one.last.value, one.last.value + 1n]) {
      if (value >= network.first.value && value <= network.last.value) values.add(value);
    }
  }
  return [...values].map((value) => addressOf(network.family, value));
}

/**
 * For each family an address outside the vendor's networks. It is also outside every network that a rule names, where
 * such an address exists.
 */
export function chooseUnauthorisedAddresses(named: readonly Network[], expected: readonly Network[]): Address[] {
  const candidates = UNAUTHORISED.map((text) => readAddress(text)).filter((address) => address !== null);
  return ([4, 6] as const).flatMap((family) => {
    const outside = candidates.filter(
      (address) => address.family === family && !expected.some((network) => hasAddress(network, address)),
    );
    const unnamed = outside.find(
      (address) => !named.some((network) => network.prefixLength > 0 && hasAddress(network, address)),
    );
    return unnamed ?? outside[0] ?? [];
  });
}

/** An address of each network that a rule names beside the vendor's. Loopback networks are left out. */
export function chooseOthers(
  named: readonly Network[],
  expected: readonly Network[],
): { network: Network; address: Address }[] {
  const isKnown = (address: Address): boolean => expected.some((network) => hasAddress(network, address));
  const seen = new Set<string>();
  return named.flatMap((network) => {
    if (network.prefixLength === 0 || seen.has(network.text) || isLoopback(network)) return [];
    seen.add(network.text);
    const address = [network.first, network.last].find((one) => !isKnown(one));
    return address === undefined ? [] : [{ network, address }];
  });
}

/** 127.0.0.0/8 and ::1. */
function isLoopback({ family, first, last }: Network): boolean {
  return family === 4
    ? first.value >> 24n === 127n && last.value >> 24n === 127n
    : first.value === 1n && last.value === 1n;
}
