// My hour: what it was drawn from, how far it is, and one button. #/hour/ID is the note of an hour.
import * as api from './api.js';
import { Component, html } from './dom.js';
import { isFiltered } from './filters.js';
import { HourBar, minutes } from './hour_bar.js';
import { HourNote } from './hour_note.js';
import { HourPage, pageAddress } from './hour_page.js';
import { isDone, openHour, playHour, remaining } from './hour_station.js';
import { HourCalls } from './hour_why.js';
import { t, tx } from './i18n.js';
import { state } from './store.js';
import { fromText, number, weekText } from './weeks.js';
import { Why } from './why.js';

export const Hour = () => html`<${HourPage}>${state.pageId ? html`<${HourNote} id=${state.pageId} />` : html`<${MyHour} />`}</${HourPage}>`;

class MyHour extends Component {
  componentDidMount() {
    openHour();
  }

  render() {
    const { hour, hourError } = state;
    const title = html`<h1 tabindex="-1">${t('hour')} ${hour?.week && html`<span class="when"><bdi>${weekText(hour.week)}</bdi></span>`}</h1>`;
    if (hourError) return html`<section class="card hour-now">${title}<p class="problem" role="alert">${tx('hour_unread', { why: html`<${Why} of=${hourError} />` })}</p>
      <p><button onClick=${openHour}>${t('try_again')}</button></p></section>`;
    if (!hour) return html`<section class="card hour-now">${title}<p class="soft">${t('starting')}</p></section>`;
    if (!hour.hour_id) return html`<section class="card hour-now">${title}<p>${noneText(hour)}</p></section><${Earlier} />`;
    return html`
      <section class="card hour-now">
        ${title}
        <p id="hour-drawn">${drawnText(hour)}</p>
        <${HourBar} hour=${hour} />
        <${Go} hour=${hour} />
        ${state.line?.hour && html`<p class="problem">${state.line.text}</p>`}
      </section>
      <${HourCalls} hour=${hour} />
      <${HowDrawn} hour=${hour} />
      <${Earlier} />`;
  }
}

const drawnText = ({ frame, calls, site }) => fromText(frame, site, calls.filter((call) => !call.added).length);

function noneText({ why, frame }) {
  if (why === 'none-fits') return t('hour_none_fits', { n: frame.calls, calls: number(frame.calls) });
  if (why === 'not-drawn') return t('starting');
  if (state.search || isFiltered(state.filters) || state.nextCalls) return t('hour_none'); // the list says nothing of all calls
  if (!state.calls.length) return t('hour_no_calls');
  return t(state.calls.every((call) => call.sample) ? 'hour_only_samples' : 'hour_none_then');
}

const doneText = ({ calls, heard_ms: ms }) =>
  (calls.some(({ heard }) => heard) ? t('hour_done', { n: Math.round(ms / 60_000), heard: minutes(ms) }) : t('hour_none_left'));

function Go({ hour }) {
  const { left, leftMs, first } = remaining(hour);
  const begun = hour.heard_ms > 0 || hour.calls.some(isDone);
  const skipped = hour.calls.filter((call) => call.skipped).length;
  const gone = hour.calls.filter((call) => !call.here && !call.heard).length;
  const long = first && first.duration_ms > hour.hour_ms;
  return html`
    <p>${left ? t(begun ? 'hour_left' : 'hour_ahead', { n: left, left: minutes(leftMs), calls: number(left), heard: minutes(hour.heard_ms) }) : doneText(hour)}
      ${skipped > 0 && ` ${t('hour_skipped', { n: skipped })}`}${gone > 0 && ` ${t('hour_gone', { n: gone })}`}${long && ` ${t('hour_long')}`}</p>
    <p class="hour-go">
      ${left > 0 && html`<button class="primary" id="hour-go" onClick=${playHour}>${t(begun ? 'hour_go_on' : 'hour_begin')}</button>`}
      ${begun && html`<a id="hour-note" class=${left ? '' : 'primary'} href=${pageAddress('hour', hour.hour_id)}>${t(left ? 'note_so_far' : 'note_open')}</a>`}
    </p>
    <p class="soft">${t('hour_fair')}</p>`;
}

function HowDrawn({ hour }) {
  const { frame } = hour;
  const rows = [
    [t('frame_calls'), t('frame_counts', { calls: number(frame.calls), unheard: number(frame.unheard), heard: number(frame.heard) })],
    [t('frame_never'), t('frame_out', { short: number(frame.too_short), long: number(frame.too_long), shortest: number(frame.shortest_ms / 1000), longest: number(frame.longest_ms / 60_000) })],
    [t('frame_length'), t('frame_expected', { expected: minutes(hour.expected_ms), deviation: minutes(hour.deviation_ms) })],
  ];
  return html`
    <details class="card how">
      <summary>${t('frame_title')}</summary>
      <p>${t('frame_words')}</p>
      <dl>${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
        <div><dt>${t('frame_seed')}</dt><dd><code dir="ltr">${frame.seed}</code></dd></div>
        <div><dt>${t('frame_hash')}</dt><dd><code dir="ltr">${frame.sha256}</code></dd></div></dl>
      <p>${frame.here === false ? t('frame_elsewhere') : html`<a href=${`/api/v1/hours/${hour.hour_id}/frame`} target="_blank" rel="noopener">${t('frame_text')}</a>`}</p>
    </details>`;
}

// Hours of other weeks, and their notes.
class Earlier extends Component {
  state = { hours: [] };

  componentDidMount() {
    this.read();
  }

  componentDidUpdate() {
    if (this.told !== state.told) this.read();
  }

  async read() {
    this.told = state.told;
    const answer = await api.get('hours').catch(() => null);
    if (answer) this.setState({ hours: answer.hours });
  }

  render() {
    const hours = this.state.hours.filter(({ hour_id: id }) => id !== state.hour?.hour_id);
    if (!hours.length) return null;
    return html`
      <section class="card" aria-labelledby="hours-earlier">
        <h2 id="hours-earlier">${t('hours_earlier')}</h2>
        <ul class="hours">${hours.map((hour) => html`
          <li key=${hour.hour_id}><a href=${pageAddress('hour', hour.hour_id)}>${weekText(hour.week)}</a>
            <span class="soft">${t('hours_heard', { n: hour.calls, heard: number(hour.heard), minutes: minutes(hour.heard_ms) })}</span></li>`)}
        </ul>
      </section>`;
  }
}
