// Days and weeks as people say them. A week of the site is given by its first and last day ("2026-11-22"), which
// belong to no time zone here.
import { locale, ownCalendar, t } from './i18n.js';
import { format } from './names.js';

const noon = (day) => new Date(`${day}T12:00:00Z`);
const thisYear = () => new Date().getFullYear();

function text(from, to) {
  const [first, last] = [noon(from), noon(to)];
  if (Number.isNaN(first.getTime()) || Number.isNaN(last.getTime())) return '';
  const withYear = first.getUTCFullYear() !== thisYear() || last.getUTCFullYear() !== thisYear();
  const own = ownCalendar();
  if (own) {
    const day = (date, month = true) => `${date.getUTCDate()}${month ? ` ${own.months[date.getUTCMonth()]}` : ''}`;
    const year = withYear ? ` ${last.getUTCFullYear()}` : '';
    if (from === to) return day(first) + year;
    return `${day(first, first.getUTCMonth() !== last.getUTCMonth())} – ${day(last)}${year}`;
  }
  const options = { day: 'numeric', month: 'short', timeZone: 'UTC', ...(withYear ? { year: 'numeric' } : {}) };
  return format(withYear ? 'days of a year' : 'days', () => new Intl.DateTimeFormat(locale(), options)).formatRange(first, last);
}

// {from, to} -> "15–21 Nov", with the year when it is not this one.
export const weekText = (week) => (week ? text(week.from, week.to) : '');
export const dayText = (day) => text(day, day);

// The day it is here, as "2026-11-23".
export function today(now = new Date()) {
  const two = (n) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export const number = (n) => format('number', () => new Intl.NumberFormat(locale())).format(n);

export function percent(share) {
  const digits = share < 0.1 ? 1 : 0;
  return format(`percent ${digits}`, () => new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits })).format(share);
}

const kEver = '2001-01-01'; // a list that begins before holds all calls there are: some weeks did not fill an hour

// How many were drawn, and from what: a frame as the station has it.
export function fromText(frame, site, drawn) {
  if (frame.calls === 1) return t('hour_drawn_one');
  const key = frame.from < kEver ? 'hour_drawn_ever' : site ? 'hour_drawn' : 'hour_drawn_here';
  return t(key, { n: drawn, drawn: number(drawn), calls: number(frame.calls), site, week: weekText(frame) });
}
