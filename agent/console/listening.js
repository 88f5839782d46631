// What this listener really heard of the open call: told to the station every fifteen seconds of playing,
// and at leaving. One stay at a call is one listening. Each word about it is an event whose id is made here,
// so that one which is sent again is the same; words wait in order until the station has them.
//
// What others tagged in a call stays folded until it was heard, or somebody looks early, which is told too.
// A call that goes on has nothing folded: there people hear together.
import * as api from './api.js';
import { heardShare, kHeardShare } from './heard_share.js';
import * as player from './player.js';
import { change, onChange, state } from './store.js';
import { uuid7 } from './uuid7.js';

const kTellMs = 15_000;
const kAgainMs = 15_000;
const kSlackMs = 400;   // a busy page looks late; a leap is longer
const kMostWords = 500; // what waits for a station that is away

let stay = null;        // {id, callId, listenerId, began, stretches, known, rate, toldAt}
let last = null;        // {at, now}: where it was heard last, while it plays
let again = 0;
let sending = null;     // while words go out: when they have
let held = false;       // while the listener changes nobody listens
const words = [];       // {listenerId, word}

export function startListening() {
  onChange(settle);
  player.onPlayer(follow);
  addEventListener('pagehide', () => {
    leave();
    for (const { word } of words.filter(isOurs)) api.part('listening', word);
  });
}

// Another call, or another person: another listening.
function settle() {
  const { call, listener } = state;
  if (stay && (stay.callId !== call?.call_id || stay.listenerId !== listener?.id)) leave();
  if (stay || held || !call || !listener) return;
  stay = {
    id: uuid7(), callId: call.call_id, listenerId: listener.id, began: false, stretches: [], known: call.heard_ms ?? [], rate: 1, toldAt: 0,
  };
  last = null;
  change({ heard: call.heard >= kHeardShare, opened: call.live || call.opened_early === true });
}

function follow() {
  if (!stay || !player.isPlaying()) {
    last = null;
    return;
  }
  const [at, now, rate] = [player.positionMs(), performance.now(), player.speed()];
  if (rate !== stay.rate) tell();
  stay.rate = rate;
  const moved = last && at - last.at;
  if (last && moved > 0 && moved <= (now - last.now) * rate + kSlackMs) hear(last.at, at);
  if (!last || moved !== 0) last = { at, now };
  if (stay.stretches.length && now - stay.toldAt >= kTellMs) tell();
}

function hear(from, to) {
  if (!stay.stretches.length) stay.toldAt ||= performance.now();
  const open = stay.stretches.at(-1);
  if (open && open[1] === from) open[1] = to;
  else stay.stretches.push([from, to]);
  if (!state.heard && !player.isLive() && player.durationMs() - to < 1000) judge(); // the end was reached
}

function judge() {
  const share = heardShare([...stay.known, ...stay.stretches], state.call?.measures, player.durationMs(), player.isLive());
  const calls = state.calls.map((call) => (call.call_id === stay.callId ? { ...call, heard: share } : call));
  change({ calls, heard: state.heard || share >= kHeardShare });
}

function tell(more = {}) {
  if (!stay.began && (stay.stretches.length || more.opened_early)) {
    stay.began = true;
    say({ what: 'started', live: player.isLive() });
  }
  if (!stay.stretches.length && !more.opened_early) return;
  say({ what: 'heard', intervals: stay.stretches.map((ends) => ends.map((ms) => Math.round(ms * 1000) / 1000)), playback_rate: stay.rate, ...more });
  if (state.call?.call_id === stay.callId) judge();
  stay.known = [...stay.known, ...stay.stretches];
  stay.stretches = [];
  stay.toldAt = performance.now();
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
  tell();
  if (stay.began) say({ what: 'ended' });
  stay = last = null;
}

// Others' tags before the call was heard.
export function openEarly() {
  if (!stay) return;
  change({ opened: true });
  tell({ opened_early: true });
}

export const isFolded = () => Boolean(state.call) && !state.heard && !state.opened;
export const isShown = (tag) => !isFolded() || tag.listener?.id === state.listener?.id;

// --- on its way

function say(word) {
  words.push({ listenerId: stay.listenerId, word: { event_id: uuid7(), call_id: stay.callId, listening: stay.id, ...word } });
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
  await null; // `sending` is this before anything else happens
  clearTimeout(again);
  try {
    for (let next = words.find(isOurs); next; next = words.find(isOurs)) {
      try {
        await api.post('listening', next.word);
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
