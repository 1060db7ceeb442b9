import { columnsOf } from './text.ts';
import { screenOf } from './stdio.ts';

/**
 * A time as a table shows it. On a terminal it is for the eye, in the time zone of this machine: `11:07:21` of today,
 * `2026-11-28 11:07` of another day. In a pipe it is UTC and whole.
 */
export function timeText(ms: number, nowMs: number): string {
  const whole = new Date(ms).toISOString();
  if (columnsOf(screenOf(1)) === undefined) return `${whole.slice(0, 19).replace('T', ' ')}Z`;
  const [day, time] = localText(ms);
  return day === localText(nowMs)[0] ? time : `${day} ${time.slice(0, 5)}`;
}

const two = (number: number): string => String(number).padStart(2, '0');

function localText(ms: number): [day: string, time: string] {
  const date = new Date(ms);
  return [
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':'),
  ];
}
