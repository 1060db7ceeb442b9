import packageJson from '../../../package.json' with { type: 'json' };

/** Every spelling that people try first. */
export const VERSION_FLAGS: readonly string[] = ['--version', '-V', '-v'];

/** What a report of a bug begins with. */
export const versionText = (): string =>
  `${packageJson.name} ${packageJson.version} (Node ${process.versions.node}, ${process.platform} ${process.arch})`;
