// What records on this machine: each profile of the settings with its state, and the pause for card data,
// which one key begins and ends. What is shown as paused is what the station confirmed, never a hope.
import * as api from './api.js';
import { html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { clock } from './names.js';
import { Seconds } from './seconds.js';
import { change, state } from './store.js';
import { Why } from './why.js';

const capturePath = (name, act) => `captures/${encodeURIComponent(name)}/${act}`;
const isOn = ({ state: what }) => what === 'recording' || what === 'paused';

export async function loadCaptures() {
  const answer = await api.get('captures').catch(() => null); // an older station has none
  if (answer) change({ captures: answer.captures.map(timed) });
}

export function heardCapture(capture) {
  const at = state.captures.findIndex(({ name }) => name === capture.name);
  const captures = [...state.captures];
  captures.splice(at < 0 ? captures.length : at, at < 0 ? 0 : 1, timed(capture));
  change({ captures });
}

const timed = (capture) => ({ ...capture, toldAt: performance.now() });

// What the station refused stands under the profile it is about until something else happens to it.
async function act(capture, what) {
  change({ acting: { name: capture.name, what, why: '' } });
  try {
    await api.post(capturePath(capture.name, what));
    change({ acting: null });
    await loadCaptures();
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    change({ acting: { name: capture.name, what, why: error } });
  }
}

// The one that the key is for: the open call's, or the only one.
function meant() {
  const on = state.captures.filter(isOn);
  return on.find(({ call_id }) => call_id === state.call?.call_id) ?? (on.length === 1 ? on[0] : null);
}

export function togglePause() {
  const capture = meant();
  if (!capture) {
    const text = t(state.captures.some(isOn) ? 'pause_which' : 'pause_none');
    return change({ line: { text }, said: text });
  }
  if (state.acting && !state.acting.why) return; // on its way
  act(capture, capture.state === 'paused' ? 'resume' : 'pause');
}

const secondsLeft = ({ paused_until: until }) => (until ? Math.max(0, new Date(until) - Date.now()) : null);

// Across the whole page, because what is said now is not kept: or, worse, is kept although it should not be.
export function PauseBanner() {
  const paused = state.captures.filter(({ state: what }) => what === 'paused');
  const { acting } = state;
  const refused = acting?.why && acting.what === 'pause';
  return html`
    <div class="pauses" role="alert">
      ${refused && html`<p class="pause-banner not"><b>${t('pause_failed')}</b> <${Why} of=${acting.why} /></p>`}
      ${paused.map((capture) => html`
        <div class="pause-banner" key=${capture.name}>
          <b>${t('paused_title')}</b>
          <span>${t('paused_what', { name: capture.name })}</span>
          ${capture.paused_until && html`<span class="num left" aria-hidden="true"><${Seconds} show=${() => t('paused_left', { time: clock(secondsLeft(capture) + 999) })} /></span>`}
          <button class="primary" onMouseDown=${keepFocus} onClick=${() => act(capture, 'resume')}>${t('resume')} ${meant() === capture && html`<kbd>P</kbd>`}</button>
        </div>`)}
    </div>`;
}

export function Captures() {
  if (!state.captures.length) return null;
  return html`
    <section class="card captures" aria-labelledby="captures-title">
      <h2 id="captures-title">${t('captures')}</h2>
      <ul>${state.captures.map((capture) => html`<${Profile} key=${capture.name} capture=${capture} />`)}</ul>
    </section>`;
}

function Profile({ capture }) {
  const { name, state: what, message } = capture;
  const acting = state.acting?.name === name ? state.acting : null;
  const busy = Boolean(acting && !acting.why) || what === 'starting';
  const why = acting?.why || (message && { message });
  const length = () => clock(capture.position_ms + (performance.now() - capture.toldAt));
  return html`
    <li class=${`capture ${what}`} data-name=${name} data-state=${what}>
      <b><bdi>${name}</bdi></b>
      <span class="what"><i aria-hidden="true"></i>${t(`capture_${what}`)}${isOn(capture) && html` <span class="num"><${Seconds} show=${length} /></span>`}</span>
      ${why && html`<p class=${acting?.why || what === 'failed' ? 'problem' : 'soft'} role=${acting?.why ? 'alert' : null}><${Why} of=${why} /></p>`}
      <p class="acts">
        ${!isOn(capture) && html`<${Act} capture=${capture} what="start" busy=${busy} />`}
        ${isOn(capture) && html`
          <${Act} capture=${capture} what=${what === 'paused' ? 'resume' : 'pause'} busy=${busy} />
          <${Act} capture=${capture} what="stop" busy=${busy} />`}
      </p>
    </li>`;
}

function Act({ capture, what, busy }) {
  const key = what !== 'start' && what !== 'stop' && meant() === capture;
  return html`
    <button disabled=${busy} onMouseDown=${keepFocus} onClick=${() => act(capture, what)}>
      ${t(`capture_${what}`)}<span class="unseen">: ${capture.name}</span> ${key && html`<kbd aria-hidden="true">P</kbd>`}
    </button>`;
}
