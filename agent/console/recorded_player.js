// A kept call, through the one <audio> element: play, seek, speed without a change of pitch. Its sound goes
// by way of ears.js, so the element's clock says what entered that way; position is what leaves the
// loudspeaker now, in milliseconds of audio.
import { attach, kLookAheadMs, lagSeconds } from './ears.js';

const kFaults = { [MediaError.MEDIA_ERR_DECODE]: 'audio_damaged', [MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED]: 'audio_unread' };
const kRestMs = 10_000; // after a pause the loudspeaker is let go

const audio = new Audio();
audio.preload = 'metadata';
audio.preservesPitch = true;

let lengthMs = 0;
let sound = null; // {context, out}; made at the first play, when a person has pressed something
let fromMs = 0;   // where this stretch began: nothing before it is heard any more
let resting = 0;

export const element = audio;
export const live = false;

export function onChange(tell) {
  for (const event of ['play', 'pause', 'ended', 'seeking', 'seeked', 'ratechange', 'loadedmetadata', 'durationchange', 'error', 'emptied', 'timeupdate', 'volumechange']) {
    audio.addEventListener(event, tell);
  }
}

for (const event of ['play', 'seeking', 'seeked', 'emptied']) audio.addEventListener(event, () => (fromMs = audio.currentTime * 1000));
audio.addEventListener('pause', () => {
  clearTimeout(resting);
  resting = setTimeout(() => sound?.context.suspend(), kRestMs);
});

function hear() {
  clearTimeout(resting);
  if (!sound) {
    const context = new AudioContext({ latencyHint: 'interactive' });
    sound = { context, out: attach(context, context.createMediaElementSource(audio)) };
  }
  sound.context.resume();
}

export function load(url, durationMs) {
  lengthMs = durationMs;
  const rate = audio.playbackRate;
  audio.pause();
  audio.src = url;
  audio.defaultPlaybackRate = rate;
  audio.playbackRate = rate;
}

export function unload() {
  lengthMs = 0;
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
}

export const isLoaded = () => audio.hasAttribute('src');
export const isPlaying = () => !audio.paused && !audio.ended;
export const hasEnded = () => audio.ended;
export const speed = () => audio.playbackRate;
// As the station counts: the browser's own count may be a little longer, where no tag can be.
export const durationMs = () => lengthMs || (Number.isFinite(audio.duration) ? audio.duration * 1000 : 0);

export function positionMs() {
  const at = audio.currentTime * 1000;
  if (!sound || !isPlaying() || audio.seeking) return at;
  const behind = (lagSeconds(sound.context) * 1000 + kLookAheadMs) * audio.playbackRate;
  return Math.max(Math.min(fromMs, at), at - behind);
}

// By the element's own clock: what was played, whatever the loudspeaker still has to say of it.
export const clockMs = () => audio.currentTime * 1000;
export const isSeeking = () => audio.seeking;
export const sounds = () => !audio.muted && audio.volume > 0;

// The end of what the browser knows to have been played from there on.
export function playedUntil(ms) {
  const { played } = audio;
  for (let i = 0; i < played.length; i++) {
    if (played.start(i) * 1000 <= ms + 1 && played.end(i) * 1000 >= ms) return played.end(i) * 1000;
  }
  return ms;
}

// Why it cannot play, as {code, message}, or null. The browser's own words are in English and name no cause.
export const problem = () => audio.error && { code: kFaults[audio.error.code] ?? 'E_UNREACHABLE', message: '' };

// Refused when the browser wants a key press first or the file is bad; the latter shows through problem().
export function play() {
  hear();
  audio.play().catch(() => {});
}

export const pause = () => audio.pause();

export function seekTo(ms) {
  audio.currentTime = Math.min(Math.max(0, ms), durationMs()) / 1000;
}

export function setSpeed(rate) {
  audio.playbackRate = rate;
  audio.defaultPlaybackRate = rate;
}

// For measuring: what goes to the loudspeaker.
export const outlet = () => sound?.out ?? null;
