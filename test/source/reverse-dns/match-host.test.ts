import { expect, onTestFinished, test } from 'vitest';
import { chooseAcceptedSources } from '../../../src/flows/callers/accepted-sources.ts';
import { checkAddress } from '../../../src/flows/callers/check-address.ts';
import type { NamedNetwork, Vendor } from '../../../src/model/vendor.ts';
import { readAddress } from '../../../src/source/address.ts';
import { openDns } from '../../../src/source/reverse-dns/ask-dns.ts';
import type { VendorRegistry } from '../../../src/model/vendor-registry.ts';
import { NXDOMAIN, openFakeDns } from '../../helpers/fake-dns.ts';
import { findVendor } from '../../helpers/vendors.ts';

const HOST = 'callers.example.com';

/** What `check-source --vendor` says of an address, where the vendor's network is this. */
async function check(text: string, networks: readonly (string | NamedNetwork)[]) {
  const vendor: Vendor = {
    ...findVendor('mail2many'),
    trust: { networks: { value: networks, certainty: 'doc' } },
  };
  const registry: VendorRegistry = { entries: [], load: async () => vendor, loadAll: async () => [vendor] };
  const sources = await chooseAcceptedSources(
    { vendors: [vendor.id], suffix: [], allow: [], allowFiles: [] },
    { path: null, webhooks: [] },
    registry,
  );
  const server = await openFakeDns(({ type, name }) => {
    if (name !== HOST) return { rcode: NXDOMAIN };
    if (type === 'A') return { records: [{ type: 'A', data: '192.0.2.7' }] };
    return type === 'AAAA' ? { records: [{ type: 'AAAA', data: '2001:db8::7' }] } : null;
  });
  const dns = openDns([server.address], 2000);
  onTestFinished(() => dns.close());
  const address = readAddress(text);
  if (address === null) throw new Error(text);
  return checkAddress(address, sources, (work) => work(dns.ask), 2000);
}

test.each<[what: string, address: string, networks: (string | NamedNetwork)[], verdict: string, entry: string | null]>([
  ['an address of the name', '192.0.2.7', [{ name: 'us', dnsName: HOST }], 'pass', HOST],
  ['its other family', '2001:db8:0::7', [{ name: 'us', dnsName: HOST }], 'pass', HOST],
  ['another address', '192.0.2.8', [{ name: 'us', dnsName: HOST }], 'fail', null],
  ['a name that does not exist', '192.0.2.7', [{ name: 'us', dnsName: 'no.example.com' }], 'fail', null],
  ['a network by its name', '198.51.100.3', [{ name: 'eu', cidrs: ['198.51.100.0/24'] }], 'pass', '198.51.100.0/24'],
  ['beside one without', '203.0.113.1', ['203.0.113.0/24', { name: 'us', dnsName: HOST }], 'pass', '203.0.113.0/24'],
])('%s', async (_, address, networks, verdict, entry) => {
  const checked = await check(address, networks);
  expect({ verdict: checked.verdict, entry: checked.matched === null ? null : entry }).toEqual({ verdict, entry });
  if (entry !== null) expect(checked.matched).toMatchObject({ by: 'network', entry });
});

test('which part of the network it is, is said', async () => {
  const { steps } = await check('198.51.100.3', [{ name: 'eu', cidrs: ['198.51.100.0/24'] }]);
  expect(steps.map(({ detail }) => detail)).toContain('198.51.100.0/24 (eu) [doc]');
});
