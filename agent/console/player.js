// What is heard: a kept call (recorded_player.js) or one that goes on (live_player.js), behind the same
// words. Position is what is heard now, in milliseconds of audio.
import * as live from './live_player.js';
import * as recorded from './recorded_player.js';
import { skipTarget } from './skip.js';

export const kSpeeds = [0.75, 1, 1.25, 1.5, 1.75, 2];

let source = recorded;
let stopAtMs = null; // end of a linked passage
let silences = [];   // of the call that is loaded
let skipping = false;
let skippedMs = 0;
const listeners = new Set();

export const element = recorded.element;

export function onPlayer(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

let ticking = false;
function tick() {
  if (stopAtMs !== null && positionMs() >= stopAtMs) {
    stopAtMs = null;
    source.pause();
  }
  skip();
  tell();
  ticking = isPlaying();
  if (ticking) requestAnimationFrame(tick);
}

function changed() {
  skip(); // a hidden page has no animation frames
  tell();
  if (!isPlaying() || ticking) return;
  ticking = true;
  requestAnimationFrame(tick);
}

recorded.onChange(() => source === recorded && changed());
live.onChange(() => source === live && changed());

function use(other) {
  if (source !== other) source.unload();
  source = other;
  stopAtMs = null;
  silences = [];
  skippedMs = 0;
}

// measured: where nobody talks, [[startMs, endMs], …].
export function load(url, durationMs, measured = []) {
  use(recorded);
  silences = measured;
  recorded.load(url, durationMs);
  tell();
}

export function loadLive(callId, durationMs) {
  use(live);
  live.load(callId, durationMs);
  tell();
}

export function unload() {
  source.unload();
  tell();
}

export const isLive = () => source === live;
export const isLoaded = () => source.isLoaded();
export const isPlaying = () => source.isPlaying();
export const speed = () => source.speed();
export const positionMs = () => source.positionMs();
export const durationMs = () => source.durationMs();
export const problem = () => source.problem();
export const play = () => source.play();
export const pause = () => source.pause();

export function toggle() {
  if (!isLoaded()) return;
  if (isPlaying()) pause();
  else play();
}

export function seekTo(ms) {
  stopAtMs = null;
  source.seekTo(ms);
  tell();
}

export const nudge = (seconds) => isLoaded() && seekTo(positionMs() + seconds * 1000);

export function playFrom(ms, untilMs = null) {
  seekTo(ms);
  stopAtMs = untilMs;
  play();
}

// A call that goes on is heard as it is said.
export const setSpeed = (rate) => source.setSpeed(rate);

// One step up (+1) or down (-1) through kSpeeds.
export function stepSpeed(step) {
  const at = kSpeeds.findIndex((rate) => rate >= speed());
  setSpeed(kSpeeds[Math.min(Math.max(0, (at < 0 ? kSpeeds.length - 1 : at) + step), kSpeeds.length - 1)]);
}

// --- the live edge

export const toEdge = () => source === live && live.toEdge();
export const isFollowing = () => source === live && live.isFollowing();
export const onLive = live.onEvent; // (event, data): 'joined' | 'note' | 'ended' | 'gone' | 'skipped' | 'peaks'

// --- skipping silence

export const isSkipping = () => skipping;
export const skipped = () => skippedMs;
export const canSkip = () => silences.length > 0;

export function toggleSkipping() {
  skipping = !skipping;
  skippedMs = 0;
  changed();
}

function skip() {
  if (!skipping || source !== recorded || !recorded.isPlaying() || recorded.element.seeking) return;
  const at = recorded.positionMs();
  const to = skipTarget(silences, at);
  if (to === null) return;
  skippedMs += to - at;
  recorded.seekTo(to);
}
