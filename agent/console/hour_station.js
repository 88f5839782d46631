// The listening hour's dealings with the station, and which of its calls comes next. The hour itself is the
// station's: it goes on in any browser. That it is under way is said by this tab alone.
import * as api from './api.js';
import { t } from './i18n.js';
import { keep, kept } from './kept.js';
import * as player from './player.js';
import { noted } from './refused.js';
import { openCall } from './station.js';
import { change, onChange, state } from './store.js';
import { uuid7 } from './uuid7.js';
import { whyText } from './why.js';

const kGatherMs = 300;
const kLookMs = 5000;
const kEndMs = 300; // so near to its end a call begins anew

let asked = 0; // the last question's answer counts
let of = '';   // whose hour is known
const over = new Set(); // calls that were played to their ends in this tab, or could not be opened

// Another person has another hour.
export function startHour() {
  onChange(() => {
    const id = state.phase === 'ready' ? state.listener?.id ?? '' : '';
    if (id === of) return;
    of = id;
    asked++;
    over.clear();
    change({ hour: null, hourError: null, hourOn: id ? kept('hour-on', '', sessionStorage) : '', told: state.told + 1 });
    if (id && state.view === 'hour') openHour();
    else if (state.hourOn) ask(underWay());
  });
  player.onEnd(() => state.call && over.add(state.call.call_id));
  setInterval(look, kLookMs);
}

// What was heard is told to nobody but the station: while it grows, here or in another browser, the page looks again.
async function look() {
  const isKnown = state.hour ? state.hour.hour_id : state.hourError;
  if (!isKnown || document.hidden || !state.reachable || !(state.hourOn || state.view === 'hour')) return;
  const mine = asked;
  const hour = await underWay().catch(() => null);
  if (!hour || mine !== asked) return;
  if (state.hourError || JSON.stringify(hour) !== JSON.stringify(state.hour)) change({ hour, hourError: null });
  drawWhereOver();
}

// The week turned over while its page was open.
function drawWhereOver() {
  if (state.hour?.why === 'not-drawn' && state.view === 'hour' && !state.pageId) openHour();
}

// The one that is under way, although its week may be over meanwhile; or that of this week.
const underWay = () => api.get(state.hourOn ? `hours/${state.hourOn}` : 'hour');

// True when the page knows the answer.
async function ask(request) {
  const mine = ++asked;
  try {
    const hour = await request;
    if (mine !== asked) return false;
    change({ hour, hourError: null });
    drawWhereOver();
    return true;
  } catch (error) {
    if (mine !== asked) return false;
    noted(error, () => change({ hourError: error }));
    if (error.code === 'E_NO_HOUR') stopHour();
    return false;
  }
}

// That of this week; drawn now, where it was not drawn before.
export async function openHour() {
  if (!state.listener) return change({ askListener: 'first' });
  if ((await ask(api.post('hour'))) && state.hourOn && !isOn()) stopHour();
}

let gathering = 0;
export function heardHour() {
  gathering ||= setTimeout(() => {
    gathering = 0;
    change({ told: state.told + 1 });
    if (state.hour && state.listener) ask(underWay());
  }, kGatherMs);
}

// --- which call

export const isDone = (call) => call.heard || call.skipped || !call.here;
export const placeInHour = (id) => (state.hour?.calls ?? []).findIndex((call) => call.call_id === id);
export const isOn = () => state.hourOn !== '' && state.hourOn === state.hour?.hour_id;

// While the hour is under way: the next of its calls after that one, or else the first that was left. None is played a
// second time by itself.
export function nextOfHour(id) {
  if (!isOn()) return undefined;
  const place = placeInHour(id);
  const open = [...state.hour.calls.slice(place + 1), ...state.hour.calls.slice(0, Math.max(0, place))];
  return open.find((call) => !isDone(call) && !over.has(call.call_id));
}

const lengthOf = (stretches) => (stretches ?? []).reduce((sum, [from, to]) => sum + to - from, 0);
export const heardMsOf = (call) => Math.min(call.duration_ms, lengthOf(call.heard_ms));

// {first: the call to go on with, left: how many are not done, leftMs: how long they last}
export function remaining(hour) {
  const open = (hour.calls ?? []).filter((call) => !isDone(call));
  return { first: open.find((call) => !over.has(call.call_id)) ?? open[0], left: open.length, leftMs: open.reduce((sum, call) => sum + call.duration_ms - heardMsOf(call), 0) };
}

function underway(id) {
  keep('hour-on', id, sessionStorage);
  change({ hourOn: id });
}

export const stopHour = () => underway('');

// Begins the hour, or goes on where it stopped, at the desk.
export async function playHour() {
  const { first } = remaining(state.hour);
  if (first) await playOfHour(first);
}

export function playOfHour(call) {
  underway(state.hour.hour_id);
  return playCall(call);
}

// From where it was left. The page is the desk's from here on. A call of the hour that was erased meanwhile is passed over.
export async function playCall({ call_id: id, resume_ms: at = 0, duration_ms: length }) {
  if (state.call?.call_id === id) location.hash = '';
  else await openCall(id);
  change({ view: 'desk', pageId: '' });
  if (!state.call && state.callError?.code === 'E_NO_CALL' && isOn() && placeInHour(id) >= 0) {
    over.add(id);
    await ask(underWay());
    const next = nextOfHour(id);
    if (next) await playCall(next);
    return;
  }
  if (state.call?.call_id !== id) return;
  if (player.positionMs() === 0) player.seekTo(at < length - kEndMs ? at : 0);
  player.play();
}

// --- what may be done to its calls

const path = (call, what) => `hours/${state.hour.hour_id}/calls/${call.call_id}/${what}`;

// True when the station has it; otherwise the line says why not.
async function tell(request) {
  try {
    await request;
  } catch (error) {
    const text = t('hour_failed', { why: whyText(error) });
    noted(error, () => change({ line: { text, hour: true }, said: text }));
    return false;
  }
  await ask(underWay());
  return true;
}

export async function skipCall(call) {
  if (!(await tell(api.post(path(call, 'skip'), { event_id: uuid7() }))) || state.call?.call_id !== call.call_id || !isOn()) return;
  const next = nextOfHour(call.call_id);
  if (next) return playCall(next);
  player.pause();
  change({ said: t('hour_last') });
}

export const unskipCall = (call) => tell(api.post(path(call, 'skip'), { event_id: uuid7(), withdrawn: true }));

export async function addCall(call) {
  if (await tell(api.post(path(call, 'add'), { event_id: uuid7() }))) change({ said: t('hour_added') });
}
