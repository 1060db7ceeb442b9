import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';

/** Words that any API has for its fields: they tell nobody, even where one of the known vendors alone has them. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  (
    'account accountid action address amount attachments auth author bcc before after body category cc city code ' +
    'comment company contact content context count country created createdat currency customer customerid data date ' +
    'deleted deletedat description detail details domain email emailaddress error errors event eventid eventname ' +
    'eventtime events eventtype eventdata fax file files firstname from gender group handle header headers hook html ' +
    'id image ip ipaddress item items key kind label language lastname level link links list locale mail message ' +
    'messageid messages meta metadata method mobile mode name nickname note notes number object order orderid origin ' +
    'page params password path payload person phone prefix price priority product project properties query reason ' +
    'recipient ref reference replyto repository request requestid resource response result role sender service ' +
    'signature source state status statuscode street subject success summary surname tag tags template text time ' +
    'timestamp title to token topic total totalprice type uid updated updatedat url user userid useragent username ' +
    'uuid value values vendor version webhook webhookid website zip'
  ).split(' '),
);

/** `created_at` and `createdAt` are one word. */
export const isCommonWord = (name: string): boolean => COMMON_WORDS.has(name.toLowerCase().replaceAll(/[-_]/g, ''));

const known = new WeakMap<readonly Vendor[], ReadonlyMap<Vendor, ReadonlySet<string>>>();

/** The names of fields that one of these vendors alone has, in a body of its form, and that are no common words. */
export function ownFields(vendors: readonly Vendor[]): ReadonlyMap<Vendor, ReadonlySet<string>> {
  let found = known.get(vendors);
  if (found === undefined) known.set(vendors, (found = findOwnFields(vendors)));
  return found;
}

function findOwnFields(vendors: readonly Vendor[]): ReadonlyMap<Vendor, ReadonlySet<string>> {
  const names = new Map(vendors.map((vendor) => [vendor, namesOf(vendor)]));
  const counts = new Map<string, number>();
  for (const [vendor, ofVendor] of names)
    for (const name of ofVendor) counts.set(inForm(vendor, name), (counts.get(inForm(vendor, name)) ?? 0) + 1);
  const isOwn = (vendor: Vendor, name: string): boolean => counts.get(inForm(vendor, name)) === 1;
  return new Map(
    [...names].map(([vendor, ofVendor]) => [vendor, new Set(ofVendor.filter((name) => isOwn(vendor, name)))]),
  );
}

const namesOf = ({ events }: Vendor): string[] => [
  ...new Set(events.flatMap(({ fields }) => fields.map(({ name }) => name)).filter((name) => !isCommonWord(name))),
];

/** Where fields of two vendors cannot be taken for each other: one sends lists, the other a form. */
const inForm = (vendor: Vendor, name: string): string =>
  JSON.stringify([bodyFormatOf(vendor), vendor.batch?.value.shape, name]);
