// The list of calls: those that go on, then newest first.
import { loadCalls } from './calls_station.js';
import { Component, createRef, html, keepFocus } from './dom.js';
import { isFiltered } from './filters.js';
import { Finding, Found, Queue } from './finding.js';
import { heardBefore } from './heard_share.js';
import { lang, t, tx } from './i18n.js';
import { isShown } from './listening.js';
import { clock, dayAndTime } from './names.js';
import * as player from './player.js';
import { Rows } from './rows.js';
import { Seconds } from './seconds.js';
import { openCall } from './station.js';
import { state } from './store.js';
import { Why } from './why.js';

const rows = createRef(); // the component: preact keeps ref for elements

export function CallList() {
  const { calls, search: sought, filters, callsLoading, callsError } = state;
  return html`
    <nav class="card list" aria-label=${t('calls')}>
      <div class="keys-head"><h2>${t('calls')}</h2>${isAway() && html`
        <button class="quiet small" id="to-open" onMouseDown=${keepFocus} onClick=${(event) => rows.current.showOpen(event.detail === 0)}>${t('calls_to_open')}</button>`}</div>
      <${Finding} />
      ${callsError && html`
        <p class="problem">${tx('calls_failed', { why: html`<${Why} of=${callsError} />` })}
          <button onClick=${() => loadCalls()}>${t('calls_again')}</button></p>`}
      ${!callsLoading && !callsError && calls.length === 0 &&
        html`<p class="soft pad">${sought || isFiltered(filters) ? t('calls_none_found') : t('calls_empty_title')}</p>`}
      <${Rows} handle=${rows} calls=${calls} whole=${!state.nextCalls} subject=${state.callsOf} open=${state.call?.call_id} lang=${lang()}
        draw=${(call, place) => html`<${Row} key=${call.call_id} ...${propsOf(call)} ...${place} />`} />
    </nav>`;
}

// The open call is in the list, or may be further down, and not in view.
const isAway = () => !state.openInView && state.call !== null &&
  (Boolean(state.nextCalls) || state.calls.some((call) => call.call_id === state.call.call_id));

// Those that the digits 6 to 0 open.
export const liveCalls = () => state.calls.slice(0, 5).filter((call) => call.live);

// What a row shows of its call. The page is drawn anew with every key.
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

  render({ call, open, heard, tags, digit, top, position, size, tab }) {
    return html`
      <li style=${{ top }} aria-posinset=${position} aria-setsize=${size}>
        <button class=${`row ${heard ? 'done' : ''}`} data-call-id=${call.call_id} tabindex=${tab ? 0 : -1} aria-current=${open ? 'true' : null} onMouseDown=${keepFocus}
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
