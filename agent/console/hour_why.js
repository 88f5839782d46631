// One call of the hour in the list of My hour: what became of it, and one click away, why it was chosen.
import { html } from './dom.js';
import { isDone, placeInHour, playOfHour, unskipCall } from './hour_station.js';
import { t } from './i18n.js';
import { clock, dayAndTime, languageName, queueName } from './names.js';
import { state } from './store.js';
import { number, percent } from './weeks.js';

const kCertain = 1 - 1e-9;
const kMost = 0.99;     // that is said of a chance below
const kShare = 0.1;     // from here on 1 in n would be too coarse

export function HourCalls({ hour }) {
  return html`
    <section class="card" aria-labelledby="hour-calls">
      <h2 id="hour-calls">${t('hour_calls')}</h2>
      <ol class="hour-calls">${hour.calls.map((call, i) => html`<${Call} key=${call.call_id} call=${call} hour=${hour} at=${i + 1} />`)}</ol>
    </section>`;
}

function Call({ call, hour, at }) {
  const marks = marksOf(call);
  const mine = hour.hour_id === state.hour?.hour_id;
  return html`
    <li class=${isDone(call) ? 'done' : ''} data-call-id=${call.call_id}>
      <span class="num soft">${number(at)}</span>
      <span class="what">
        ${call.here && mine ? html`<button class="quiet" onClick=${() => playOfHour(hour.calls[placeInHour(call.call_id)] ?? call)}><bdi class="queue">${queueName(call)}</bdi></button>` : html`<bdi class="queue">${queueName(call)}</bdi>`}
        ${call.here && html` <span class="soft"><bdi>${dayAndTime(call.started_at)}</bdi></span>`}
        ${marks.length > 0 && html` <span class="marks">${marks.map((mark) => html`<span class="badge" key=${mark}>${t(`hour_mark_${mark}`)}</span>`)}</span>`}
      </span>
      <span class="num soft">${clock(call.duration_ms)}</span>
      <span class="state">${call.heard ? html`<span class="done-mark">✓ ${t('heard_mark')}</span>` : call.skipped && mine && html`<button class="small" onClick=${(event) => hearAfterAll(event, call)}>${t('hour_unskip')}</button>`}</span>
      <details><summary>${t('hour_why')}</summary><p>${whyDrawn(call, hour)}</p></details>
    </li>`;
}

// The button goes: the focus stays with its call.
function hearAfterAll({ currentTarget }, call) {
  currentTarget.closest('li').querySelector('.what button')?.focus();
  unskipCall(call);
}

// What is not as it usually is.
const marksOf = (call) => [
  !call.here && 'gone', call.skipped && 'skipped', call.added && 'added', call.heard_before && 'again', call.opened_early && 'early',
  call.duration_ms > 0 && !call.heard && !call.skipped && call.resume_ms > 0 && 'begun',
].filter(Boolean);

const kLengths = { 1: 'hour_length_1', 2: 'hour_length_2', 3: 'hour_length_3' };

function stratumText(stratum) {
  return Object.entries(stratum).map(([name, value]) => {
    if (name === 'length') return t(kLengths[value] ?? 'hour_length_2');
    if (!value) return t('hour_stratum_none', { name: t(`hour_stratum_${name}_name`) });
    return t(`hour_stratum_${name}`, { value: name === 'language' ? languageName(value) : value });
  }).join(', ');
}

function chance(probability) {
  if (probability >= kCertain) return t('hour_chance_all');
  if (probability >= kShare) return t('hour_chance_share', { share: percent(Math.min(probability, kMost)) });
  return t('hour_chance', { n: number(Math.round(1 / probability)) });
}

function whyDrawn(call, hour) {
  if (call.added) return t('hour_why_added');
  const drawn = { n: call.stratum_drawn, drawn: number(call.stratum_drawn ?? 0), calls: number(call.stratum_calls ?? 0) };
  const why = [];
  if (call.heard_before) why.push(t('hour_why_again', { calls: number(hour.frame.heard) }));
  else if (call.stratum && Object.keys(call.stratum).length) why.push(t('hour_why_stratum', { ...drawn, what: stratumText(call.stratum) }));
  else why.push(t('hour_why_all', { n: call.stratum_drawn ?? hour.calls.length, drawn: number(call.stratum_drawn ?? hour.calls.length), calls: number(call.stratum_calls ?? hour.frame.unheard) }));
  if (call.probability) why.push(chance(call.probability));
  if (call.opened_early) why.push(t('hour_why_early'));
  if (!call.here) why.push(t('hour_why_gone'));
  return why.join(' ');
}
