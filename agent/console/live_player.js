// A call that goes on: the tab's end of live_worker.js (the stream), live_decoder.js and live_worklet.js
// (the sound). Position is what leaves the loudspeaker now, in milliseconds of audio. It only plays: no
// input device is ever opened.
import { attach, kLookAheadMs, lagSeconds } from './ears.js';
import { Playhead } from './playhead.js';

const kRateHz = 48_000;
const kAtEdgeMs = 1500; // a place this near to the live edge means the edge

let callId = '';
let edgeMs = 0;
let placeMs = null;    // where it stands while it does not play; null: at the live edge
let wanted = false;    // a person wants to hear
let following = false;
let turn = null;       // of the decoder; null until it has begun the one we asked for
let ended = false;
let why = null;        // it cannot play: {code, message} of the station, or of our own with a text for that code
let sound = null;      // {context, decoder}, made at the first live call and kept
let starting = null;
const playhead = new Playhead();
let tell = () => {};
const handlers = new Set();

export const live = true;

export function onChange(listener) {
  tell = listener;
}

export function onEvent(handler) {
  handlers.add(handler);
}

const happened = (event, data) => handlers.forEach((handler) => handler(event, data));

// --- the machinery

const own = (code) => ({ code, message: '' });

async function canDecode() {
  if (typeof AudioDecoder !== 'function' || typeof AudioWorkletNode !== 'function') return false;
  return (await AudioDecoder.isConfigSupported({ codec: 'opus', sampleRate: kRateHz, numberOfChannels: 1 })).supported;
}

// Gives the code of what stands in the way, or ''.
async function start() {
  if (!(await canDecode())) return 'live_unsupported';
  const context = new AudioContext({ sampleRate: kRateHz, latencyHint: 'interactive' });
  try {
    await context.audioWorklet.addModule(new URL('./live_worklet.js', import.meta.url));
  } catch {
    context.close();
    return 'E_UNREACHABLE';
  }
  const node = new AudioWorkletNode(context, 'earful-live', { numberOfInputs: 0, outputChannelCount: [2] });
  const decoder = new Worker(new URL('./live_decoder.js', import.meta.url), { type: 'module', name: 'earful-decoder' });
  const pieces = new MessageChannel();
  const stream = new MessageChannel();
  node.port.onmessage = ({ data }) => reported(data);
  node.port.postMessage({ port: pieces.port1 }, [pieces.port1]);
  decoder.onmessage = ({ data }) => data.call === callId && heard(data);
  decoder.postMessage({ what: 'ports', shared: stream.port1, worklet: pieces.port2 }, [stream.port1, pieces.port2]);
  const shared = connect();
  shared.postMessage({ port: stream.port2 }, [stream.port2]);
  addEventListener('pagehide', () => decoder.postMessage({ what: 'close' }));
  addEventListener('pageshow', ({ persisted }) => persisted && callId && load(callId, edgeMs));
  context.onstatechange = () => tell();
  attach(context, node);
  sound = { context, decoder, node };
  return '';
}

function connect() {
  const url = new URL('./live_worker.js', import.meta.url);
  const options = { type: 'module', name: 'earful-live' };
  return typeof SharedWorker === 'function' ? new SharedWorker(url, options).port : new Worker(url, options);
}

function reported(report) {
  if (report.turn !== turn) return;
  playhead.add(report);
}

function heard({ hello, edge, peaks, note, skipped, ended: over, failed, status, turn: begun, following: follows }) {
  if (begun !== undefined) {
    turn = begun;
    following = follows;
    playhead.clear();
  }
  if (hello) {
    why = null;
    happened('joined');
  }
  if (edge !== undefined) edgeMs = Math.max(edgeMs, edge);
  if (peaks) happened('peaks', peaks);
  if (note) happened('note', note);
  if (skipped) happened('skipped', skipped);
  if (failed) why = failed;
  if (status === 429) why = own('live_too_many');
  else if (status >= 400 && status < 500) happened('gone');
  if (over) {
    ended = true;
    edgeMs = over.duration_ms ?? edgeMs;
    happened('ended', over);
  }
  tell();
}

// --- the player's words

export function load(id, durationMs) {
  callId = id;
  edgeMs = durationMs;
  placeMs = null;
  wanted = ended = following = false;
  why = null;
  playhead.clear();
  starting ??= start().catch(() => 'live_no_sound').then((code) => {
    if (!code) return;
    starting = null;
    why = own(code);
    tell();
  });
  starting.then(() => {
    if (callId !== id || !sound) return;
    sound.decoder.postMessage({ what: 'open', call: id });
    play(); // opening one is asking to hear it; a browser that wants a key press first shows Play
  });
}

export function unload() {
  callId = '';
  wanted = following = false;
  sound?.decoder.postMessage({ what: 'close' });
  sound?.context.suspend();
}

export const isLoaded = () => callId !== '';
export const isPlaying = () => wanted && sound?.context.state === 'running' && !(ended && positionMs() >= edgeMs - 1);
export const isFollowing = () => following && isPlaying();
export const speed = () => 1;
export const setSpeed = () => {};
// The edge is told ten times a second; what is heard may be ahead of the last word about it.
export const durationMs = () => Math.max(edgeMs, positionMs());

// Why it cannot play, as {code, message}, or null.
export const problem = () => why;

// The worklet's clock of what leaves the loudspeaker now.
const clockHeard = () => sound.context.currentTime - lagSeconds(sound.context) - kLookAheadMs / 1000;

export function positionMs() {
  if (!wanted || !sound) return placeMs ?? edgeMs;
  const position = playhead.at(clockHeard());
  if (position === null) return placeMs ?? edgeMs;
  const ms = (position / kRateHz) * 1000;
  return ended ? Math.min(ms, edgeMs) : ms;
}

// Nothing while it waits for the first sound of a place.
export const clockMs = () => (wanted && sound && playhead.at(clockHeard()) === null ? null : positionMs());
export const isSeeking = () => false;
export const sounds = () => isPlaying();

function begin(fromMs) {
  placeMs = fromMs;
  wanted = true;
  turn = null;
  playhead.clear();
  sound.context.resume();
  sound.decoder.postMessage({ what: 'play', fromMs });
  tell();
}

// What was refused may go by now.
function askAgain() {
  if (why) sound.decoder.postMessage({ what: 'open', call: callId });
  why = null;
}

export function play() {
  if (!callId) return;
  if (!sound) return void (starting ?? load(callId, edgeMs)); // it may go by now
  askAgain();
  begin(ended && placeMs === null ? edgeMs : placeMs);
}

export function pause() {
  if (!sound) return;
  placeMs = positionMs();
  wanted = following = false;
  sound.decoder.postMessage({ what: 'stop', atMs: placeMs });
  tell();
}

export function seekTo(ms) {
  const to = ms >= edgeMs - kAtEdgeMs && !ended ? null : Math.min(Math.max(0, ms), edgeMs);
  if (wanted && sound) return begin(to);
  placeMs = to;
  tell();
}

export function toEdge() {
  if (!sound || !callId || ended) return;
  askAgain();
  begin(null);
}

// For measuring: how far the loudspeaker's buffer is behind the newest packet that came here.
export const behindMs = () => edgeMs - positionMs();
export const outlet = () => sound?.node ?? null;

// The position that the sample leaving the worklet at a time of its audio clock has.
export const positionAt = (time) => (playhead.at(time) / kRateHz) * 1000;
