// The one <audio> element: play, seek, speed without a change of pitch. Position is what is heard now, in
// milliseconds of audio. Nothing is taken off for output delay: the browser's own clock already follows
// what leaves it for a recorded file.
export const kSpeeds = [0.75, 1, 1.25, 1.5, 1.75, 2];

const audio = new Audio();
audio.preload = 'metadata';
audio.preservesPitch = true;

let lengthMs = 0;
let stopAtMs = null; // end of a linked passage
const listeners = new Set();

export const element = audio;

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
    audio.pause();
  }
  tell();
  ticking = !audio.paused;
  if (ticking) requestAnimationFrame(tick);
}

audio.addEventListener('play', () => {
  if (!ticking) requestAnimationFrame(tick);
  ticking = true;
});
for (const event of ['pause', 'ended', 'seeking', 'seeked', 'ratechange', 'loadedmetadata', 'durationchange', 'error', 'emptied', 'timeupdate']) {
  audio.addEventListener(event, tell);
}

export function load(url, durationMs) {
  lengthMs = durationMs;
  stopAtMs = null;
  const rate = audio.playbackRate;
  audio.pause();
  audio.src = url;
  audio.defaultPlaybackRate = rate;
  audio.playbackRate = rate;
  tell();
}

export function unload() {
  lengthMs = 0;
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
}

export const isLoaded = () => audio.hasAttribute('src');
export const isPlaying = () => !audio.paused && !audio.ended;
export const speed = () => audio.playbackRate;
export const positionMs = () => audio.currentTime * 1000;
export const durationMs = () => (Number.isFinite(audio.duration) ? audio.duration * 1000 : lengthMs);

// Why it cannot play, or ''.
export function problem() {
  if (!audio.error) return '';
  return audio.error.message || ['', 'aborted', 'network', 'decode', 'not supported'][audio.error.code] || 'error';
}

export function play() {
  // Refused when the browser wants a key press first or the file is bad; the latter shows through problem().
  audio.play().catch(tell);
}

export function pause() {
  audio.pause();
}

export function toggle() {
  if (!isLoaded()) return;
  if (isPlaying()) pause();
  else play();
}

export function seekTo(ms) {
  stopAtMs = null;
  audio.currentTime = Math.min(Math.max(0, ms), durationMs()) / 1000;
  tell();
}

export const nudge = (seconds) => isLoaded() && seekTo(positionMs() + seconds * 1000);

export function playFrom(ms, untilMs = null) {
  seekTo(ms);
  stopAtMs = untilMs;
  play();
}

export function setSpeed(rate) {
  audio.playbackRate = rate;
  audio.defaultPlaybackRate = rate;
}

// One step up (+1) or down (-1) through kSpeeds.
export function stepSpeed(step) {
  const at = kSpeeds.findIndex((rate) => rate >= speed());
  setSpeed(kSpeeds[Math.min(Math.max(0, (at < 0 ? kSpeeds.length - 1 : at) + step), kSpeeds.length - 1)]);
}
