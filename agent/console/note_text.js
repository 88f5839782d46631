// What the note of an hour says in words, and the whole of it as Markdown. The page and the text say the same.
import { isRtl, t } from './i18n.js';
import { about, likely } from './likely.js';
import { momentLink } from './fragment.js';
import { minutes } from './hour_bar.js';
import { clock, queueName } from './names.js';
import { kindLabel } from './tagbook.js';
import { fromText, number, weekText } from './weeks.js';

// Numbers turn no text around: without marks between, a line breaks only where it may.
const part = ([k, m]) => t('note_part', { k: number(k), m: number(m) }).replace(/[\u2068\u2069]/g, '');

// What is said about one problem: [key, parameters] in order. some: not all that were heard are in the estimates.
function wordsOf({ calls, of, share, low, high }, some) {
  if (!calls || !of) return [['note_outside', {}]];
  const heard = `note_heard${some ? '_random' : ''}${calls === of && of > 1 ? '_all' : ''}`;
  const words = [[heard, { n: of, calls: number(of), in: number(calls) }]];
  const fraction = about(share);
  if (calls < of && fraction[1] !== of) words.push(['note_about', { part: part(fraction) }]);
  const all = likely(low, high);
  words.push([`note_likely_${all.what}`, { low: all.low && part(all.low), high: all.high && part(all.high) }]);
  return words;
}

// One sentence of a note. say is t, or tx where kind is an element.
export const sentence = (note, problem, kind, say) => wordsOf(problem, note.random_heard !== note.calls_heard).flatMap(([key, params]) => say(key, { ...params, kind }));

export const noteTitle = ({ hour }) => t('note_title', { week: weekText(hour.week) });

// Where the numbers come from.
export function sourceOf({ hour, drawn, calls_heard: heard, random_heard: random, skipped }) {
  const { frame, site } = hour;
  return [
    fromText(frame, site, drawn),
    t('note_heard_of', { n: heard, heard: number(heard), minutes: minutes(hour.heard_ms) }),
    skipped > 0 && t('hour_skipped', { n: skipped }),
    random > 0 && random !== heard && t('note_random', { n: random, random: number(random) }),
  ].filter(Boolean).join(' ');
}

export const kLists = ['praise', 'promises', 'obstacles', 'ideas'];

const oneLine = (text) => String(text ?? '').replace(/\s+/g, ' ').trim();
// What Markdown would take for more than text.
const escaped = (text) => oneLine(text).replace(/[\\`*_[\]<>#|]/g, '\\$&');
// In a text that reads from left to right throughout, marks that isolate are noise.
const finished = (text) => (isRtl() ? text : text.replace(/[\u2066-\u2069]/g, ''));

export function noteMarkdown(note, origin, words) {
  const place = (tag) => `[${clock(tag.position_ms)}](${momentLink(origin, tag.call_id, tag.start_ms, tag.end_ms)})`;
  const said = (tag) => (tag.note ? ` ${t('note_quote', { text: escaped(tag.note) })}` : '');
  const lines = [`# ${noteTitle(note)}`, '', `${escaped(note.hour.listener.name)}. ${sourceOf(note)}`, ''];
  for (const problem of note.problems) {
    lines.push(`- ${sentence(note, problem, `*${escaped(kindLabel(problem.kind))}*`, t).join('')}`);
    for (const tag of problem.clips) lines.push(`  - ${place(tag)} ${escaped(queueName(tag))}${said(tag)}`);
  }
  if (!note.problems.length) lines.push(t('note_no_problem'));
  for (const name of kLists.filter((one) => note[one]?.length)) {
    lines.push('', `## ${t(`note_${name}`)}`, '');
    for (const tag of note[name]) {
      const who = name === 'praise' && tag.agent_name ? `**${escaped(tag.agent_name)}**, ` : '';
      lines.push(`- ${place(tag)} ${who}${escaped(kindLabel(tag.kind))}, ${escaped(queueName(tag))}${said(tag)}`);
    }
  }
  if (words.trim()) lines.push('', `## ${t('note_words')}`, '', words.trim());
  return finished(`${lines.join('\n')}\n`);
}
