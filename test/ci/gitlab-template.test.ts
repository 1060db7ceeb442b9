import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { parseAllDocuments, type Document } from 'yaml';
import { testFolder } from '../helpers/folder.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { runCommandLine, type Ended } from '../helpers/program.ts';
import { ROOT } from '../helpers/repository.ts';

interface Job {
  script: string[];
  artifacts: { reports: { junit: string } };
}

const template = readFileSync(join(ROOT, 'ci/hookproof.gitlab-ci.yml'), 'utf8');

/** The second document with the inputs of the first one put into its text, as GitLab does before it reads the job. */
function jobOf(inputs: Record<string, string>): Job {
  const [header, body = ''] = template.split('\n---\n');
  const [spec] = parseAllDocuments(header as string);
  const { inputs: declared } = (spec as Document).toJS().spec as { inputs: Record<string, { default: string }> };
  const text = body.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => {
    expect(declared).toHaveProperty(name);
    return inputs[name] ?? (declared[name]?.default as string);
  });
  const [job] = parseAllDocuments(text);
  expect(job?.errors).toEqual([]);
  return ((job as Document).toJS() as { webhooks: Job }).webhooks;
}

/** All lines in one shell, which ends at the first that fails. */
const play = ({ script }: Job, cwd: string): Promise<Ended> =>
  runCommandLine('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script.join('\n')], {
    cwd,
    env: { HOME: cwd, GITLAB_CI: 'true', M2M_SECRET: 'the-secret', NODE_EXTRA_CA_CERTS: inject('extraCaCerts') },
  });

test('the job installs the tarball, starts an application, tests it, and leaves a report', async () => {
  const folder = testFolder();
  const packed = await runCommandLine('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const project = mkdtempSync(join(folder, 'project-'));
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  const [port] = await freePorts(1);
  const target = `--url http://127.0.0.1:${port}/ --vendor mail2many --secret-env M2M_SECRET`;
  const start = `--start "npx --no-install hookproof listen --vendor mail2many --secret-env M2M_SECRET --bug no-verification --no-history"`;
  const job = jobOf({
    package: join(folder, packed.stdout.trim()),
    args: `${target} ${start.replace('listen', `listen --port ${port}`)} --only event-full-optin,no-signature`,
  });
  const { code, stdout, stderr } = await play(job, project);
  expect(code, stdout + stderr).toBe(1);
  expect(readFileSync(join(project, job.artifacts.reports.junit), 'utf8')).toContain('<failure');
});

test('what is not installed is not fetched from a registry', async () => {
  const folder = testFolder();
  const { code, stdout, stderr } = await play(jobOf({}), folder);
  expect(code, stdout + stderr).toBe(1);
  expect(stdout + stderr).toContain('hookproof');
  expect(existsSync(join(folder, 'webhooks.xml'))).toBe(false);
});
