import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** What the build and the tarball are made of. */
const SOURCES = ['bin', 'docs', 'fixtures', 'packaging', 'src', 'README.md', 'LICENSE', 'CHANGELOG.md'];
const SETTINGS = ['package.json', 'package-lock.json', 'rolldown.config.js', 'tsconfig.json', '.npmrc'];

export const copiedNames = (): string[] => [...SOURCES, ...SETTINGS];

/** The repository without what is installed and built: that would be in the way of the tests beside this one. */
export function copyRepository(folder: string): void {
  for (const name of copiedNames()) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
}
