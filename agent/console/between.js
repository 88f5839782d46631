// Calls played in a row. Between two there are six seconds in which the page still stands in the call that
// ended, so that keys and the note belong to it: time for a last tag. Writing stops the clock.
import { readUntil } from './calls_station.js';
import { html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { heardBefore } from './heard_share.js';
import { isOn, nextOfHour, placeInHour, playCall } from './hour_station.js';
import { callName } from './names.js';
import * as player from './player.js';
import { change, onChange, state } from './store.js';

const kQuietMs = 6000;
const kStepMs = 200;
const kStorageKey = 'earful.play_on';

let timer = 0;
let before = 0;

export function startBetween() {
  try {
    state.playOn = localStorage.getItem(kStorageKey) === 'yes';
  } catch {
    // Then not.
  }
  player.onEnd(ended);
  player.onPlayer(() => state.between && player.isPlaying() && stay()); // it is heard once more
  onChange(() => state.between && !stands(state.between) && stay());
}

// As long as the same person is in the call that ended, and the hour that goes on is still under way.
const stands = ({ after, of, ofHour }) => state.call?.call_id === after && state.listener?.id === of && (!ofHour || isOn());

export function togglePlayOn() {
  change({ playOn: !state.playOn });
  try {
    localStorage.setItem(kStorageKey, state.playOn ? 'yes' : 'no');
  } catch {
    // It lasts as long as the page, then.
  }
  if (!state.playOn && !state.between?.ofHour) stay();
}

// Of the hour while it is under way, whatever the list says; otherwise of the list.
const inHour = (id) => isOn() && placeInHour(id) >= 0;

const following = () => {
  const at = state.calls.findIndex((call) => call.call_id === state.call?.call_id);
  return state.calls.slice(at + 1).find((call) => !call.live && !heardBefore(call));
};

async function ended() {
  const [after, of] = [state.call?.call_id, state.listener?.id];
  const ours = inHour(after);
  if (!after || !(ours || state.playOn)) return;
  if (!ours) await readUntil(() => following() || state.call?.call_id !== after);
  const next = ours ? nextOfHour(after) : following();
  if (state.call?.call_id !== after || player.isPlaying()) return;
  const last = t(ours ? 'hour_last' : 'between_last');
  if (!next) return change({ line: { text: last }, said: last });
  before = performance.now();
  clearInterval(timer);
  timer = setInterval(step, kStepMs);
  change({ between: { after, of, ofHour: ours, next, leftMs: kQuietMs }, said: t('between_next', { call: callName(next), n: kQuietMs / 1000 }) });
}

const isWriting = () => state.view !== 'desk' || document.activeElement?.matches('input:not([type=range]), textarea, select') || state.help || state.askListener !== null;

function step() {
  const now = performance.now();
  const passed = isWriting() ? 0 : now - before;
  before = now;
  if (!state.between) return clearInterval(timer);
  const leftMs = state.between.leftMs - passed;
  if (leftMs <= 0) goOn();
  else if (passed) change({ between: { ...state.between, leftMs } });
}

export async function goOn() {
  if (!state.between) return false;
  const { next } = state.between;
  stay();
  await playCall(next);
  return true;
}

// True when there was something to stay from.
export function stay() {
  if (!state.between) return false;
  clearInterval(timer);
  change({ between: null });
  return true;
}

export function Between() {
  if (!state.between) return null;
  const { next, leftMs } = state.between;
  return html`
    <p class="line" id="between">
      <span>${t('between_next', { call: callName(next), n: Math.ceil(leftMs / 1000) })} <span class="soft">${t('between_still')}</span></span>
      <button id="go-on" onMouseDown=${keepFocus} onClick=${goOn}>${t('between_go')} <kbd>⏎</kbd></button>
      <button onMouseDown=${keepFocus} onClick=${stay}>${t('between_stay')} <kbd>Esc</kbd></button>
    </p>`;
}

export function PlayOn() {
  return html`
    <button id="play-on" aria-pressed=${String(state.playOn)} title=${t('play_on_why')} onMouseDown=${keepFocus} onClick=${togglePlayOn}>
      ${t('play_on')} <kbd>Y</kbd></button>`;
}
