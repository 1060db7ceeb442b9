// failed-files.js REPORT: the test files with a failure in a report of vitest's, one on a line; none when they are more
// than MOST, for then something is broken that a second run cannot mend.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const MOST = 5;

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const hasFailed = ({ assertionResults }) => assertionResults.some(({ status }) => status === 'failed');
const files = testResults.filter(hasFailed).map(({ name }) => relative('.', name));
if (files.length <= MOST) process.stdout.write(files.map((file) => `${file}\n`).join(''));
