import { validateXML } from 'xmllint-wasm';

const ANY = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="html"/></xs:schema>`;

/** What a parser of XML, which forgives nothing, says of pages: a tag left open, an attribute or a character amiss. */
export async function problemsOfPages(...pages: string[]): Promise<string[]> {
  const xml = pages.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const schema = [{ fileName: 'any.xsd', contents: ANY }];
  return (await validateXML({ xml, schema, maxMemoryPages: 4096 })).errors.map(({ rawMessage }) => rawMessage);
}

/** The tags of a page and the names of their attributes, in their order: what no text may change. */
export function tagsOf(page: string): string[] {
  return [...page.matchAll(/<(\/?[\w!-]+)((?:[^<>"]|"[^"]*")*)>/g)].map(
    ([, name, rest = '']) => `${name} ${[...rest.matchAll(/([\w:-]+)="/g)].map(([, key]) => key).join(' ')}`,
  );
}
