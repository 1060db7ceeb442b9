import { fstatSync, statSync, writeSync } from 'node:fs';

/**
 * stdout and stderr. Node makes a stream for each when it is first touched, and loads node:net or node:tty for it: 3 of
 * the 9 ms that `webhook --help` takes beside Node's own start. A file, a pipe or /dev/null takes a text at once, and
 * has neither columns nor colours: there the streams are left alone.
 */
export type OutputFd = 1 | 2;

/** What a text is fitted to and painted for. */
export interface Screen {
  isTTY?: boolean;
  /** Columns; undefined where it is no terminal. */
  columns?: number;
}

const NO_SCREEN: Screen = {};

export const screenOf = (fd: OutputFd): Screen => (mayBeTerminal(fd) ? streamOf(fd) : NO_SCREEN);

const terminals = new Map<OutputFd, boolean>();

function mayBeTerminal(fd: OutputFd): boolean {
  let known = terminals.get(fd);
  if (known === undefined) terminals.set(fd, (known = process.platform === 'win32' || isDevice(fd)));
  return known;
}

function isDevice(fd: OutputFd): boolean {
  try {
    const file = fstatSync(fd);
    return file.isCharacterDevice() && file.rdev !== statSync('/dev/null').rdev;
  } catch {
    return true;
  }
}

const watched = new Map<OutputFd, NodeJS.WriteStream>();
const onErrors: Record<OutputFd, (error: NodeJS.ErrnoException) => void> = { 1: () => undefined, 2: () => undefined };

/** Who hears of what goes wrong with it; unheard, an error of a stream ends the process. */
export function watchFd(fd: OutputFd, onError: (error: NodeJS.ErrnoException) => void): void {
  onErrors[fd] = onError;
  if (mayBeTerminal(fd)) streamOf(fd);
}

export function streamOf(fd: OutputFd): NodeJS.WriteStream {
  let stream = watched.get(fd);
  if (stream === undefined) {
    watched.set(fd, (stream = fd === 1 ? process.stdout : process.stderr));
    stream.on('error', onErrors[fd]);
  }
  return stream;
}

/** Writes a text, behind what was written before. */
export function writeText(fd: OutputFd, text: string): void {
  if (mayBeTerminal(fd) || watched.has(fd)) {
    streamOf(fd).write(text);
    return;
  }
  const bytes = Buffer.from(text);
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at);
  } catch (error) {
    // Somebody else who writes to this pipe has made it one that does not wait: a stream does.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') streamOf(fd).write(bytes.subarray(at));
    else onErrors[fd](error as NodeJS.ErrnoException);
  }
}

/** Calls back once everything written to it has left the process. */
export function afterWriting(fd: OutputFd, done: () => void): void {
  const stream = watched.get(fd);
  if (stream === undefined) done();
  else stream.write('', done);
}
