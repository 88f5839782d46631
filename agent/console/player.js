// What is heard: a kept call (recorded_player.js) or one that goes on (live_player.js), behind the same
// words. Position is what is heard now, in milliseconds of audio.
import * as ears from './ears.js';
import * as live from './live_player.js';
import * as recorded from './recorded_player.js';
import { skipTarget } from './skip.js';

export const kSpeeds = [0.75, 1, 1.25, 1.5, 1.75, 2];
const kLoopMs = 10_000;
const kShortestLoopMs = 500;

let source = recorded;
let stopAtMs = null; // end of a linked passage
let silences = [];   // of the call that is loaded
let loop = null;     // [startMs, endMs] that is played again and again
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
  again();
  skip();
  tell();
  ticking = isPlaying();
  if (ticking) requestAnimationFrame(tick);
}

function changed() {
  again(); // a hidden page has no animation frames
  skip();
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
  stopAtMs = loop = null;
  silences = [];
  skippedMs = 0;
}

// measures: as the station has them of a kept call, or null.
export function load(url, durationMs, measures = null, legs = 2) {
  use(recorded);
  ears.load(measures, legs);
  silences = measures?.silences ?? [];
  recorded.load(url, durationMs);
  tell();
}

export function loadLive(callId, durationMs, legs = 2) {
  use(live);
  ears.load(null, legs);
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
  stopAtMs = loop = null;
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

// whenOver() is called when a kept call was played to its end.
export function onEnd(whenOver) {
  recorded.element.addEventListener('ended', () => source === recorded && loop === null && whenOver());
}

// --- the last ten seconds, again and again

export const looping = () => loop;

// From what was just heard, until it is asked for again or another place is sought.
export function toggleLoop() {
  if (!isLoaded()) return;
  const at = positionMs();
  if (loop) loop = null;
  else if (at >= kShortestLoopMs) {
    loop = [Math.max(0, at - kLoopMs), at];
    stopAtMs = null;
    source.seekTo(loop[0]);
    play();
  }
  tell();
}

function again() {
  if (!loop || recorded.element.seeking || positionMs() < loop[1]) return;
  source.seekTo(loop[0]);
  if (!isPlaying()) play(); // it was the end of the call
}

// --- which leg, and how loud

export const { legs, canChoose, loudness } = ears;

export function nextLegs() {
  ears.nextLegs();
  tell();
}

export function setLoudness(to) {
  ears.setLoudness(to);
  tell();
}

export function stepLoudness(steps) {
  ears.stepLoudness(steps);
  tell();
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
