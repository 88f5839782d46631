// A kept call, through the one <audio> element: play, seek, speed without a change of pitch. Position is
// what is heard now, in milliseconds of audio. Nothing is taken off for output delay: the browser's own
// clock already follows what leaves it for a recorded file.
const audio = new Audio();
audio.preload = 'metadata';
audio.preservesPitch = true;

let lengthMs = 0;

export const element = audio;
export const live = false;

export function onChange(tell) {
  for (const event of ['play', 'pause', 'ended', 'seeking', 'seeked', 'ratechange', 'loadedmetadata', 'durationchange', 'error', 'emptied', 'timeupdate']) {
    audio.addEventListener(event, tell);
  }
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
export const speed = () => audio.playbackRate;
export const positionMs = () => audio.currentTime * 1000;
export const durationMs = () => (Number.isFinite(audio.duration) ? audio.duration * 1000 : lengthMs);

// Why it cannot play, or ''.
export function problem() {
  if (!audio.error) return '';
  return audio.error.message || ['', 'aborted', 'network', 'decode', 'not supported'][audio.error.code] || 'error';
}

// Refused when the browser wants a key press first or the file is bad; the latter shows through problem().
export const play = () => void audio.play().catch(() => {});

export const pause = () => audio.pause();

export function seekTo(ms) {
  audio.currentTime = Math.min(Math.max(0, ms), durationMs()) / 1000;
}

export function setSpeed(rate) {
  audio.playbackRate = rate;
  audio.defaultPlaybackRate = rate;
}
