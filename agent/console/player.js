// What is heard: a kept call (recorded_player.js) or one that goes on (live_player.js), behind the same
// words. Position is what is heard now, in milliseconds of audio.
import * as ears from './ears.js';
import * as live from './live_player.js';
import { Played } from './played.js';
import * as recorded from './recorded_player.js';
import { skipTarget } from './skip.js';

export const kSpeeds = [0.75, 1, 1.25, 1.5, 1.75, 2];
const kLoopMs = 10_000;
const kShortestLoopMs = 500;
const kFastest = 2; // what is played faster was not heard

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

// --- what was really heard

const played = new Played((...stretch) => hear(...stretch));
let hear = () => {};
let leaveOut = () => {};

// whenHeard(fromMs, toMs, rate) for each stretch, by the clock of the source: what a loudspeaker that lags has
// not said yet is about to be. whenLeftOut(fromMs, toMs) for silence that was skipped.
export function onHeard(whenHeard, whenLeftOut) {
  hear = whenHeard;
  leaveOut = whenLeftOut;
}

const counts = () => source.sounds() && ears.loudness() > 0 && speed() <= kFastest;

function seen() {
  const at = source.clockMs();
  return at === null ? null : { at, now: performance.now(), rate: speed(), playing: isPlaying(), counts: counts() };
}

// Before and after each change; who wants to know more often may call it.
export function look() {
  if (source.isSeeking()) played.leap(seen(), source.playedUntil);
  else played.look(seen());
}

// Does what brings the source to another place.
function leap(go) {
  look();
  go();
  played.leap(seen());
}

// Does what changes how it sounds.
function alter(go) {
  look();
  go();
  look();
}

let ticking = false;
function tick() {
  look();
  if (stopAtMs !== null && positionMs() >= stopAtMs) {
    stopAtMs = null;
    pause();
  }
  again();
  skip();
  tell();
  ticking = isPlaying();
  if (ticking) requestAnimationFrame(tick);
}

function changed(event) {
  if (event?.type === 'seeking') played.leap(seen(), source.playedUntil); // it may be over by now
  else look();
  again(); // a hidden page has no animation frames
  skip();
  tell();
  if (!isPlaying() || ticking) return;
  ticking = true;
  requestAnimationFrame(tick);
}

recorded.onChange((event) => source === recorded && changed(event));
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
  leap(() => {
    use(recorded);
    ears.load(measures, legs);
    silences = measures?.silences ?? [];
    recorded.load(url, durationMs);
  });
  tell();
}

export function loadLive(callId, durationMs, legs = 2) {
  leap(() => {
    use(live);
    ears.load(null, legs);
    live.load(callId, durationMs);
  });
  tell();
}

export function unload() {
  leap(source.unload);
  tell();
}

export const isLive = () => source === live;
export const isLoaded = () => source.isLoaded();
export const isPlaying = () => source.isPlaying();
export const speed = () => source.speed();
export const positionMs = () => source.positionMs();
export const durationMs = () => source.durationMs();
export const problem = () => source.problem();
export const play = () => alter(source.play);
export const pause = () => alter(source.pause);

export function toggle() {
  if (!isLoaded()) return;
  if (isPlaying()) pause();
  else play();
}

export function seekTo(ms) {
  stopAtMs = loop = null;
  leap(() => source.seekTo(ms));
  tell();
}

export const nudge = (seconds) => isLoaded() && seekTo(positionMs() + seconds * 1000);

export function playFrom(ms, untilMs = null) {
  seekTo(ms);
  stopAtMs = untilMs;
  play();
}

// A call that goes on is heard as it is said.
export const setSpeed = (rate) => alter(() => source.setSpeed(rate));

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
    leap(() => source.seekTo(loop[0]));
    play();
  }
  tell();
}

function again() {
  if (!loop || recorded.element.seeking || positionMs() < loop[1]) return;
  leap(() => source.seekTo(loop[0]));
  if (!isPlaying()) play(); // it was the end of the call
}

// --- which leg, and how loud

export const { legs, canChoose, loudness } = ears;

export function nextLegs() {
  ears.nextLegs();
  tell();
}

export function setLoudness(to) {
  alter(() => ears.setLoudness(to));
  tell();
}

export function stepLoudness(steps) {
  alter(() => ears.stepLoudness(steps));
  tell();
}

// --- the live edge

export const toEdge = () => source === live && leap(live.toEdge);
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
  leap(() => {
    leaveOut(recorded.clockMs(), to);
    recorded.seekTo(to);
  });
}
