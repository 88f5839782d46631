// The list of calls: those that go on, then newest first.
import { Component, html, keepFocus } from './dom.js';
import { isFiltered } from './filters.js';
import { Finding, Found, Queue } from './finding.js';
import { heardBefore } from './heard_share.js';
import { lang, t } from './i18n.js';
import { isShown } from './listening.js';
import { clock, dayAndTime } from './names.js';
import * as player from './player.js';
import { Seconds } from './seconds.js';
import { loadCalls, moreCalls, openCall } from './station.js';
import { state } from './store.js';

export function CallList() {
  const { calls, search: sought, filters, callsLoading, callsError } = state;
  return html`
    <nav class="card list" aria-label=${t('calls')}>
      <h2>${t('calls')}</h2>
      <${Finding} />
      ${callsError && html`
        <p class="problem">${t('calls_failed', { why: callsError })}
          <button onClick=${() => loadCalls()}>${t('calls_again')}</button></p>`}
      ${!callsLoading && !callsError && calls.length === 0 &&
        html`<p class="soft pad">${sought || isFiltered(filters) ? t('calls_none_found') : t('calls_empty_title')}</p>`}
      <ol>${calls.map((call) => html`<${Row} key=${call.call_id} ...${propsOf(call)} />`)}</ol>
      ${state.nextCalls && html`<button class="more" onClick=${moreCalls}>${t('calls_more')}</button>`}
    </nav>`;
}

// Those that the digits 6 to 0 open.
export const liveCalls = () => state.calls.filter((call) => call.live).slice(0, 5);

// What a row shows of its call. Thousands of rows are there, and the page is drawn anew with every key.
const kShownOfCall = ['call_id', 'queue', 'started_at', 'duration_ms', 'live', 'sample', 'matches'];

function propsOf(call) {
  const open = call.call_id === state.call?.call_id;
  const heard = open ? state.heard : heardBefore(call);
  const tags = open ? state.tags.filter(isShown).length : call.live || heard ? call.tags : 0;
  return { call, open, heard, tags, digit: call.live ? liveCalls().indexOf(call) : -1, language: lang() };
}

class Row extends Component {
  shouldComponentUpdate({ call, ...rest }) {
    return kShownOfCall.some((field) => call[field] !== this.props.call[field]) || Object.keys(rest).some((name) => rest[name] !== this.props[name]);
  }

  render({ call, open, heard, tags, digit }) {
    return html`
      <li>
        <button class=${`row ${heard ? 'done' : ''}`} aria-current=${open ? 'true' : null} onMouseDown=${keepFocus}
            onClick=${() => openCall(call.call_id)}>
          <b><${Queue} call=${call} />${call.live && html` <span class="badge live">${t('live')}</span>${digit >= 0 && html` <kbd>${(digit + 6) % 10}</kbd>`}`}${call.sample && html` <span class="badge" title=${t('sample_why')}>${t('sample')}</span>`}</b>
          <span class="num soft">${call.live ? html`<${Seconds} show=${() => clock(soFarMs(this.props.call))} />` : clock(call.duration_ms)}</span>
          <span class="soft"><bdi>${dayAndTime(call.started_at)}</bdi></span>
          <span class="soft count">${tags > 0 && t('tags_count', { n: tags })}${heard && html` <span class="done-mark" title=${t('heard_mark')}><span aria-hidden="true">✓</span><span class="unseen">${t('heard_mark')}</span></span>`}</span>
          <${Found} call=${call} heard=${heard} />
        </button>
      </li>`;
  }
}

// The open call says so itself; of the others we know how long they were when the list was read.
const soFarMs = (call) =>
  (call.call_id === state.call?.call_id && player.isLive() ? player.durationMs() : call.duration_ms + (performance.now() - state.callsAt));
