// The page's dealings with the station: session, listener, calls, the open call, and what the station
// tells by itself. Everything ends in change().
import * as api from './api.js';
import { loadBook } from './book_station.js';
import { loadCalls, pauseMs } from './calls_station.js';
import { heardCapture, loadCaptures } from './captures.js';
import { linkIsBack } from './customer.js';
import { listen } from './events.js';
import { callAddress, parseAddress, withoutCall, withoutToken } from './fragment.js';
import { heardHour } from './hour_station.js';
import { heardInbox, loadInbox } from './inbox.js';
import { anew, hold as holdHeard, release as releaseHeard, send as tellHeard } from './listening.js';
import { addNote, addPeaks, startPeaks } from './live_call.js';
import { t, useLanguageOf } from './i18n.js';
import { clockSpan } from './names.js';
import * as player from './player.js';
import { heardRecent, loadRecent } from './recent.js';
import { noted, shutOut } from './refused.js';
import { change, state } from './store.js';
import { endOpenRange } from './tagging.js';
import * as tags from './tags.js';

const kKnocking = 2000;       // between tries while the station does not answer
const kListenerKey = 'earful.listener';

let listening = false;

export async function start() {
  const { token } = parseAddress(location);
  try {
    if (token) await api.post('session', { token });
    if (token) history.replaceState(null, '', location.pathname + withoutToken(location.hash));
    const { listener, bound = false, agent = null } = await api.get('session');
    if (agent) enterAsAgent(agent);
    else await enter(listener, bound);
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    if (error.status === 401 || error.status === 403) {
      return change({ phase: shutOut(error), badToken: token !== '' });
    }
    change({ phase: 'unreachable' });
    setTimeout(start, kKnocking);
  }
}

// Who takes calls, by a link of their own: one page, and nothing else is open to them.
function enterAsAgent(agent) {
  useLanguageOf(`agent ${agent.ref}`);
  change({ phase: 'ready', view: 'mine', agent, bound: true });
}

async function enter(listener, bound) {
  const [, known] = await Promise.all([loadBook(), api.get('listeners')]);
  if (listener) useLanguageOf(listener.id);
  change({ listeners: known.listeners, phase: 'ready', listener, bound });
  if (!listener) await rememberOrAsk();
  if (!listening) listen(heard);
  listening = true;
  tags.retryAll();
  loadRecent();
  loadCaptures();
  loadInbox();
  await loadCalls();
  await openFromAddress();
}

// --- who listens

async function rememberOrAsk() {
  let id = null;
  try {
    id = localStorage.getItem(kListenerKey);
  } catch {
    // Then we ask.
  }
  const known = state.listeners.find((listener) => listener.id === id);
  if (!known) return change({ askListener: 'first' });
  await beListener(known).catch(() => change({ askListener: 'first' }));
}

export async function beListener(listener) {
  try {
    await Promise.all([tags.hold(), holdHeard()]); // the station knows of the other person before the page does
    await api.put('session', { listener: listener.id });
    useLanguageOf(listener.id);
    change({ listener, askListener: null, call: unheard(state.call) });
  } finally {
    tags.release();
    releaseHeard();
  }
  try {
    localStorage.setItem(kListenerKey, listener.id);
  } catch {
    // Then we ask again next time.
  }
  loadCalls(); // what this person has heard
  if (state.call) reloadHeard();
  loadBook().catch(() => {}); // another person may change it
}

export async function newListener(name) {
  const listener = await api.post('listeners', { name });
  change({ listeners: [...state.listeners.filter((other) => other.id !== listener.id), listener] });
  await beListener(listener);
}

// What one person heard is not known to be heard by the next.
const unheard = (call) => call && { ...call, heard: 0, heard_ms: [], opened_early: false };

// What the open call is to somebody else who listens now, and may open it early while we ask.
async function reloadHeard() {
  const listener = state.listener?.id;
  const fresh = await api.get(api.callPath(state.call.call_id)).catch(() => null);
  if (fresh && state.call?.call_id === fresh.call_id && state.listener?.id === listener) {
    const { heard, heard_ms, listeners } = fresh;
    change({ call: { ...state.call, heard, heard_ms, opened_early: fresh.opened_early || state.opened, listeners } });
    anew();
  }
}

// --- the open call

export async function openFromAddress() {
  const { token, call, startMs, endMs, book, page, pageId } = parseAddress(location);
  // A new address was opened in this tab, perhaps another person's.
  if (token) return state.phase === 'ready' ? location.reload() : start();
  if (state.agent) return;
  change({ view: page || (book === null ? 'desk' : 'book'), bookKind: book ?? '', pageId });
  if (state.view !== 'desk') return player.isLive() ? undefined : player.pause();
  const id = call || state.call?.call_id || state.calls[0]?.call_id;
  if (!id) return;
  if (location.pathname !== callAddress(id)) history.replaceState(null, '', callAddress(id) + withoutCall(location.hash));
  if (id !== state.call?.call_id) await showCall(id);
  if (startMs !== null && state.call?.call_id === id) {
    player.seekTo(startMs);
    if (endMs !== null) player.playFrom(startMs, endMs);
  }
}

export async function openCall(id) {
  if (id === state.call?.call_id) return;
  history.pushState(null, '', callAddress(id));
  await showCall(id);
}

let opening = { id: '', done: null }; // the call asked for last: a slow answer for an earlier one is dropped
function showCall(id) {
  if (opening.id !== id || state.callError) opening = { id, done: readCall(id) };
  return opening.done;
}

async function readCall(id) {
  endOpenRange();
  try {
    const { tags: known, ...call } = await api.get(api.callPath(id));
    if (opening.id !== id) return;
    change({ call, callError: null, line: null, peaks: undefined });
    tags.showTags(id, known ?? []);
    if (call.live) startPeaks(call);
    if (call.live) player.loadLive(id, call.duration_ms, call.legs);
    else player.load(api.audioUrl(id), call.duration_ms, call.measures, call.legs);
  } catch (error) {
    if (opening.id !== id) return;
    noted(error, () => {
      player.unload();
      change({ call: null, tags: [], callError: error });
    });
    return;
  }
  await readPeaks(id);
}

// Of a live call they are what was said so far: asked for again once the stream tells the rest, or has left
// some out, so that no piece is missing between the two.
async function readPeaks(id) {
  const peaks = await api.get(`${api.callPath(id)}/peaks`).catch(() => null);
  if (opening.id !== id) return;
  if (player.isLive()) addPeaks(peaks);
  else change({ peaks });
}

// The open call is over: from here on it is a kept one, heard from the place where one was.
async function keepCall() {
  const id = state.call?.call_id;
  const fresh = await api.get(api.callPath(id)).catch(() => null);
  if (!fresh || fresh.live || state.call?.call_id !== id || !player.isLive()) return;
  const [at, playing] = [player.positionMs(), player.isPlaying()];
  opening = { id: '', done: null };
  await showCall(id);
  if (state.call?.call_id !== id) return;
  player.seekTo(at);
  if (playing) player.play();
}

async function reloadTags() {
  const id = state.call?.call_id;
  if (!id) return;
  const fresh = await api.get(api.callPath(id)).catch(() => null);
  if (fresh && state.call?.call_id === id) tags.showTags(id, fresh.tags ?? []);
}

// --- what the station tells

let gathering = 0;
function reloadSoon() {
  gathering ||= setTimeout(() => {
    gathering = 0;
    loadCalls().then(() => state.call || openFromAddress());
  }, pauseMs());
}

function heard(event, data) {
  const handlers = {
    open: () => {
      const back = !state.reachable;
      change({ reachable: true });
      if (back) comeBack();
    },
    shut: () => {
      change({ reachable: false });
      checkSession();
    },
    tag: () => {
      tags.heardTag(data);
      heardRecent(data);
      if (data.call_id !== state.call?.call_id) reloadSoon(); // its count in the list
    },
    delivered: () => tags.heardDelivered(data.seq, reloadTags),
    link: () => {
      change({ link: data });
      if (data.state === 'up') linkIsBack();
    },
    calls: () => {
      reloadSoon();
      if (player.isLive()) keepCall();
    },
    captures: () => {
      heardCapture(data);
      reloadSoon(); // a call began or ended
      if (player.isLive()) keepCall();
    },
    note: () => addNote(data.call_id, data.note),
    inbox: () => heardInbox(data.inboxes),
    hour: () => heardHour(),
    thanks: () => heardHour(),
    listeners: () => heardListeners(),
    tagbook: () => loadBook().catch(() => {}),
    alarm: () => change({ alarms: [...state.alarms.filter(({ code }) => code !== data.code), data] }),
  };
  handlers[event]?.();
}

player.onLive((event, data) => {
  if (event === 'peaks') addPeaks(null, data);
  if (event === 'note') addNote(state.call?.call_id, data);
  if (event === 'ended' || event === 'gone') keepCall();
  if (event === 'joined' || event === 'skipped') readPeaks(state.call?.call_id);
  if (event === 'skipped') change({ line: { text: t('live_skipped', clockSpan(data.from_ms, data.to_ms)) } });
});

// The stream stood still for a while: what was told meanwhile is read again.
function comeBack() {
  tellHeard();
  tags.retryAll();
  loadRecent();
  loadCalls();
  loadCaptures();
  loadInbox();
  heardHour();
  loadBook().catch(() => {});
  if (player.isLive()) keepCall();
  reloadTags();
}

// Two of them may have become one: then tags and the session have another name. Who was chosen while we
// asked is not the one we asked about.
async function heardListeners() {
  const before = state.listener?.id;
  const [known, session] = await Promise.all([api.get('listeners'), api.get('session')]).catch(() => []);
  if (!known) return;
  change({ listeners: known.listeners });
  const now = session.listener;
  if (now && now.id !== before && state.listener?.id === before) {
    if (!known.listeners.some(({ id }) => id === before)) tags.mergedInto(before, now.id);
    change({ listener: now, call: unheard(state.call) });
    tags.retryAll();
    if (state.call) reloadHeard();
  } else if (now && state.listener?.id === before) {
    change({ listener: now }); // perhaps by another name
  }
  reloadTags();
}

// A stream that ends may mean that the session did.
async function checkSession() {
  await api.get('session').catch((error) => noted(error, () => {}));
}
