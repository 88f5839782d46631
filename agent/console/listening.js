// What this listener really heard of the open call: told to the station every fifteen seconds of playing,
// when it rests, and at leaving. One stay at a call is one listening. Each word about it is an event whose id is
// made here, so that one which is sent again is the same; words wait in order until the station has them.
//
// While a word grows the station is told each second what it is so far, so that a browser that is killed
// takes no more than that second with it.
//
// What others tagged in a call stays folded until it was heard, or somebody looks early, which is told too.
// A call that goes on has nothing folded: there people hear together.
import * as api from './api.js';
import { heardShare, kHeardShare } from './heard_share.js';
import * as player from './player.js';
import { change, onChange, state } from './store.js';
import { uuid7 } from './uuid7.js';

const kTellMs = 15_000;
const kRestMs = 3000;   // nothing was heard for so long: the word is over, before the station takes the page for gone
const kSoFarMs = 1000;  // of sound, or of time
const kAgainMs = 15_000;
const kMostWords = 500; // what waits for a station that is away

let stay = null;        // {id, callId, listenerId, began, known}
let word = null;        // {id, stretches, skipped, rate, begunAt, heardAt, soFarAt, untold}: what grows now
let watch = 0;          // while there is one: a page that does not play has no frames
let again = 0;
let sending = null;     // while words go out: when they have
let telling = null;     // while a word so far is on its way: when it is there
let held = false;       // while the listener changes nobody listens
const words = [];       // {listenerId, word}

export function startListening() {
  onChange(settle);
  player.onHeard(hear, leaveOut);
  player.onPlayer(follow);
  addEventListener('pagehide', () => {
    leave();
    for (const { word: last } of words.filter(isOurs)) api.part('listening', { ...last, now_ms: Date.now() });
  });
  addEventListener('pageshow', ({ persisted }) => persisted && settle());
}

// Another call, or another person: another listening.
function settle() {
  const { call, listener } = state;
  if (stay && (stay.callId !== call?.call_id || stay.listenerId !== listener?.id)) leave();
  if (stay || held || !call || !listener) return;
  player.look(); // what sounded until now is nobody's
  stay = { id: uuid7(), callId: call.call_id, listenerId: listener.id, began: false, known: call.heard_ms ?? [] };
  change({ heard: call.heard >= kHeardShare, opened: call.live || call.opened_early === true });
}

function hear(from, to, rate) {
  if (!stay) return;
  if (word && word.rate !== rate) tell();
  begin(rate);
  const open = word.stretches.at(-1);
  if (open?.[1] === from) open[1] = to;
  else word.stretches.push([from, to]);
  word.untold += to - from;
  word.heardAt = performance.now();
  if (!state.heard && !player.isLive() && player.durationMs() - to < 1000) judge(); // the end was reached
}

function leaveOut(from, to) {
  if (!stay) return;
  begin(player.speed());
  word.skipped.push([from, to]);
}

function begin(rate) {
  if (!stay.began) say({ what: 'started', live: player.isLive() });
  stay.began = true;
  if (word) return;
  const now = performance.now();
  word = { id: uuid7(), stretches: [], skipped: [], rate, begunAt: now, heardAt: now, soFarAt: now, untold: 0 };
  watch = setInterval(follow, kSoFarMs);
}

function follow() {
  player.look();
  if (!word) return;
  const now = performance.now();
  if (now - word.begunAt >= kTellMs || now - word.heardAt >= kRestMs) tell();
  else if (word.untold >= kSoFarMs || (word.untold > 0 && now - word.soFarAt >= kSoFarMs)) tellSoFar(now);
}

// Nobody waits for the answer: the next one, or the word itself, says the same again.
function tellSoFar(now) {
  if (telling || held || words.some(isOurs)) return;
  word.untold = 0;
  word.soFarAt = now;
  telling = api.post('listening', { call_id: stay.callId, listening: stay.id, ...asHeard(), so_far: true, now_ms: Date.now() })
    .catch(() => {}).finally(() => { telling = null; });
}

// To the microsecond; what is nothing then is left out, for the station would refuse it.
const exact = (stretches) => stretches.map((ends) => ends.map((ms) => Math.round(ms * 1000) / 1000)).filter(([from, to]) => from < to);

const asHeard = () => ({
  event_id: word.id, what: 'heard', intervals: exact(word.stretches), playback_rate: word.rate,
  ...(word.skipped.length ? { skipped_silence: exact(word.skipped) } : {}),
});

function judge() {
  const share = heardShare([...stay.known, ...(word?.stretches ?? [])], state.call?.measures, player.durationMs(), player.isLive());
  const calls = state.calls.map((call) => (call.call_id === stay.callId ? { ...call, heard: share } : call));
  change({ calls, heard: state.heard || share >= kHeardShare });
}

function tell(more = {}) {
  if (!word) return;
  say({ ...asHeard(), ...more });
  if (state.call?.call_id === stay.callId) judge();
  stay.known = [...stay.known, ...word.stretches];
  word = null;
  clearInterval(watch);
}

// What the station knows of this call and this listener was read again.
export function anew() {
  leave();
  settle();
}

// Before the session is somebody else's: what was heard until now was heard by the one who leaves.
export async function hold() {
  leave();
  held = true;
  await (sending ??= drain());
}

export function release() {
  held = false;
  settle();
  send();
}

function leave() {
  if (!stay) return;
  player.look();
  tell();
  if (stay.began) say({ what: 'ended' });
  stay = null;
}

// Others' tags before the call was heard.
export function openEarly() {
  if (!stay) return;
  change({ opened: true });
  player.look();
  begin(player.speed());
  tell({ opened_early: true });
}

export const isFolded = () => Boolean(state.call) && !state.heard && !state.opened;
export const isShown = (tag) => !isFolded() || tag.listener?.id === state.listener?.id;

// --- on its way

function say(what) {
  words.push({ listenerId: stay.listenerId, word: { event_id: uuid7(), call_id: stay.callId, listening: stay.id, ...what } });
  if (words.length > kMostWords) words.shift();
  send();
}

const isOurs = ({ listenerId }) => listenerId === state.listener?.id;

// By itself, or because the station is back.
export async function send() {
  if (!held) await (sending ??= drain());
}

// Words of somebody who listened here before wait until they are back.
async function drain() {
  await telling; // the last word comes last; and `sending` is this before anything else happens
  clearTimeout(again);
  try {
    for (let next = words.find(isOurs); next; next = words.find(isOurs)) {
      try {
        await api.post('listening', { ...next.word, now_ms: Date.now() });
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        if (error.passing) {
          again = setTimeout(send, kAgainMs);
          return;
        }
      }
      words.splice(words.indexOf(next), 1);
    }
  } finally {
    sending = null;
  }
}
