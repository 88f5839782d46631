// What a call says about its own audio: what is missing, was paused, or ended too early. A loss of our own
// is called that, so that nobody takes it for a bad line.
import { html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { clock } from './names.js';

const kShown = 4;     // the rest unfolds
const kNearMs = 100;  // a place is a sample or two off a whole second
const kCauses = new Set(['overflow', 'device_lost', 'stalled', 'suspended', 'disk_full', 'pause', 'cut']);

const isLoss = (note) => note.kind !== 'pause';

export function noteText(note) {
  const what = t(`note_${kCauses.has(note.cause) ? note.cause : 'other'}`);
  const leg = note.leg === 0 ? t('agent') : note.leg === 1 ? t('customer') : '';
  const [from, to] = [note.start_ms, note.end_ms].map((ms) => clock(Math.round(ms / kNearMs) * kNearMs));
  const where = from === to ? from : `\u2066${from}–${to}\u2069`; // left to right in every language
  const fault = isLoss(note) && note.own_fault ? ` ${t('note_own')}` : '';
  return `${where}${leg ? ` (${leg})` : ''} ${what}${fault}`;
}

// Over the waveform; left and width in percent of the length that is drawn.
export function NoteMarks({ notes, lengthMs }) {
  return html`${notes.map((note) => html`
    <i key=${keyOf(note)} class=${`mark-note ${isLoss(note) ? 'loss' : 'pause'} ${note.leg === 0 ? 'agent' : note.leg === 1 ? 'customer' : ''}`}
      title=${noteText(note)} style=${span(note.start_ms, note.end_ms, lengthMs)}></i>`)}`;
}

export function SilenceMarks({ silences, lengthMs }) {
  return html`${silences.map(([start, end]) => html`<i key=${start} class="mark-silence" title=${t('silence_at', { from: clock(start), to: clock(end) })} style=${span(start, end, lengthMs)}></i>`)}`;
}

export function NoteList({ notes: unsorted }) {
  if (!unsorted.length) return null;
  const notes = [...unsorted].sort((a, b) => a.start_ms - b.start_ms);
  const more = notes.slice(0, -kShown);
  return html`
    <div class="notes">
      <ul>${notes.slice(-kShown).map((note) => html`<${Line} key=${keyOf(note)} note=${note} />`)}</ul>
      ${more.length > 0 && html`
        <details><summary onMouseDown=${keepFocus}>${t('notes_more', { n: more.length })}</summary>
          <ul>${more.map((note) => html`<${Line} key=${keyOf(note)} note=${note} />`)}</ul>
        </details>`}
    </div>`;
}

const Line = ({ note }) => html`<li class=${isLoss(note) ? 'loss' : 'pause'}><i aria-hidden="true"></i><span>${noteText(note)}</span></li>`;

const keyOf = ({ kind, leg, start_ms }) => `${kind} ${leg} ${start_ms}`;
const span = (start, end, of) => ({ left: `${(start / of) * 100}%`, width: `${(Math.max(0, end - start) / of) * 100}%` });
