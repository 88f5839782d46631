// How calls, times and places are named. A call is named by queue, day, time and length, never by what
// somebody tagged in it.
import { lang, locale, ownCalendar, t } from './i18n.js';
import { plain } from './plain.js';

const formats = new Map();

// One that was made before, in the language of the page.
export function format(key, make) {
  const full = `${locale()} ${key}`;
  if (!formats.has(full)) formats.set(full, make());
  return formats.get(full);
}

// "Tue 17 Nov, 14:05", with the year when it is not this year.
export function dayAndTime(rfc3339, now = new Date()) {
  const when = new Date(rfc3339 ?? NaN);
  if (Number.isNaN(when.getTime())) return t('no_time');
  const sameYear = when.getFullYear() === now.getFullYear();
  const own = ownCalendar();
  if (own) {
    const day = `${own.weekdays[when.getDay()]} ${when.getDate()} ${own.months[when.getMonth()]}`;
    const two = (n) => String(n).padStart(2, '0');
    return `${day}${sameYear ? '' : ` ${when.getFullYear()}`}, ${two(when.getHours())}:${two(when.getMinutes())}`;
  }
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (!sameYear) options.year = 'numeric';
  return format(sameYear ? 'day' : 'year', () => new Intl.DateTimeFormat(locale(), options)).format(when);
}

// 0:07, 12:40, 1:02:03
export function clock(ms) {
  const seconds = Math.max(0, Math.floor((Number(ms) || 0) / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// The two ends of a stretch; of a short one in tenths, or they would read alike.
export function clockSpan(startMs, endMs) {
  const tenth = (ms) => (endMs - startMs < 1000 ? `.${Math.floor((Math.max(0, ms) % 1000) / 100)}` : '');
  return { from: clock(startMs) + tenth(startMs), to: clock(endMs) + tenth(endMs) };
}

// A name of nothing but invisible characters is none.
export const queueName = (call) => (/[^\p{C}\p{Z}\u115f\u1160\u2800\u3164]/u.test(call.queue ?? '') ? plain(call.queue) : '') || t('call_without_queue');

export const callName = (call) => `${queueName(call)} · ${dayAndTime(call.started_at)} · ${call.live ? t('live') : clock(call.duration_ms)}`;

// "he" -> "Hebrew" in the language of the page; an unknown code stays as it is.
export function languageName(code) {
  if (!code) return '';
  const languages = ownCalendar()?.languages ?? {};
  const base = code.split('-')[0];
  if (Object.hasOwn(languages, base)) return languages[base];
  try {
    return format('language', () => new Intl.DisplayNames([lang()], { type: 'language' })).of(code) ?? code;
  } catch {
    return plain(code);
  }
}

// "Dana, Noa and Yael"; each name is isolated.
export function listOf(names) {
  const own = ownCalendar();
  const isolated = names.map((name) => `\u2068${plain(name)}\u2069`);
  return own ? isolated.join(', ') : format('list', () => new Intl.ListFormat(locale(), { type: 'conjunction' })).format(isolated);
}

// 0.75 -> "0.75×"
export const speedName = (rate) => `${rate}×`;
