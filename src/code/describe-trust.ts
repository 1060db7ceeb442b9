import type { Vendor } from '../model/vendor.ts';
import { hostsIn, networksIn } from '../vendors/facts.ts';

/** Of a vendor that signs nothing: by what else a request can be known to be its own, a sentence a line. */
export function describeTrust({ title, trust }: Vendor): string[] {
  const cidrs = networksIn(trust).map(({ cidr }) => cidr);
  const hosts = hostsIn(trust);
  const lines = [
    ...(trust.clientCertificate === undefined
      ? []
      : ['It shows a client certificate: require it in the server in front of this.']),
    ...(cidrs.length === 0 ? [] : [`It calls from ${cidrs.join(', ')}: let nobody else in.`]),
    ...(hosts.length === 0 ? [] : [`It calls from the addresses of ${hosts.join(', ')}: let nobody else in.`]),
    ...(trust.reverseDnsSuffix === undefined
      ? []
      : [`The reverse DNS of its addresses ends in ${trust.reverseDnsSuffix.value}: check it, forwards too.`]),
  ];
  const known =
    lines.length === 0 ? ['Nothing else shows that a request is its own: use a URL nobody can guess.'] : lines;
  return [`${title} signs nothing: THIS CODE ACCEPTS EVERY REQUEST.`, ...known];
}
