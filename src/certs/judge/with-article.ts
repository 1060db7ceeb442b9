/** `an RSA 2048`, `a DSA 1024`: as the name is spoken, letter by letter where it is an abbreviation. */
export const withArticle = (name: string): string =>
  `${/^(?:[AEFHILMNORSX][A-Z\d]|E)/.test(name) ? 'an' : 'a'} ${name}`;
