import { readFrame, writeItems, type Format } from './format.ts';

export const LIST: Format = {
  id: 'list',
  title: 'a list of addresses and CIDR',
  notes: [],
  check: null,
  write: (items) => writeItems(items, '', ({ network }) => network.text).join('\n'),
  // What is no comment is for the reader of lists to judge.
  readLine: (line) => readFrame(line, []) ?? line,
};
