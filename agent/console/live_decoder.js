// Dedicated worker of one tab: keeps the packets of the live call that is open, decodes both legs ahead of
// what is heard, and hands the pieces to the worklet. The page's own thread is not in the way of the
// sound. Nothing here waits; everything follows from a message.
//
// From the page: {what: 'ports', shared, worklet}, {what: 'open', call}, {what: 'close'},
//   {what: 'play', fromMs} (null: the live edge), {what: 'stop', atMs}.
// To the page: {call, hello}, {call, edge, peaks: [index, low, high per leg]}, {call, note}, {call, ended},
//   {call, skipped: {from_ms, to_ms}}, {call, failed, status}, {call, turn, following}.
import { kAudio, kEnded, kFrameSamples, kHello, kNote, kRateHz, kSkipped, records } from './live_records.js';

const kAhead = 0.4 * kRateHz;        // decoded beyond what is heard
const kMaxBehind = 0.5 * kRateHz;    // farther from the edge than this we go there at once: it was a hiccup
const kPrerollFrames = 4;            // 80 ms: a decoder that begins anew needs them (RFC 7845, 4.6)
const kKeepFrames = 60_000;          // 20 minutes of packets, some 6 MB; what is older is read again
const kPastMs = 60_000;              // of the past, asked for at a time
const kTellMs = 100;                 // between two words to the page about edge and waveform

let shared = null;
let worklet = null;
let call = '';
let packets = new Map(); // index -> record
let edge = -1;           // index of the newest packet
let lead = 0;            // samples that the coder puts before what was said
let ended = false;
let turn = 0;            // every seek, pause and leap begins a new one; what is late from an old one is dropped
let playing = false;
let following = false;
let next = 0;            // index to decode next
let from = 0;            // position that may be heard first; what is decoded before it is preroll
let heard = 0;           // position, as the worklet told
let fresh = true;        // nothing was heard yet since a person asked to hear
let asking = false;      // for the past
let drained = false;
let decoders = [];
let halves = [];         // decoded pieces of each leg that wait for the other leg's
let news = { peaks: [], due: 0 };

const tell = (message) => self.postMessage({ call, ...message });
const msOf = (position) => (position / kRateHz) * 1000;

self.onmessage = ({ data }) => {
  const acts = {
    ports: () => {
      shared = data.shared;
      worklet = data.worklet;
      shared.onmessage = ({ data: heardOf }) => heardOf.call === call && take(heardOf);
      worklet.onmessage = ({ data: report }) => report.turn === turn && playing && follow(report);
    },
    open: () => open(data.call),
    close: () => open(''),
    play: () => play(data.fromMs),
    stop: () => begin(false, false, data.atMs),
  };
  acts[data.what]();
};

function open(id) {
  shared.postMessage({ what: 'leave' });
  call = id;
  packets = new Map();
  edge = -1;
  ended = asking = false;
  news = { peaks: [], due: 0 };
  begin(false, false, 0);
  if (id) shared.postMessage({ what: 'listen', call: id });
}

function play(fromMs) {
  fresh = true;
  if (fromMs === null) begin(true, !ended, msOf(Math.max(0, edge) * kFrameSamples));
  else begin(true, false, fromMs);
}

// A new turn from a place in the call.
function begin(run, follows, atMs) {
  turn++;
  playing = run;
  following = follows;
  drained = false;
  from = Math.max(0, Math.round((atMs / 1000) * kRateHz));
  heard = from;
  next = Math.max(0, Math.floor((from + lead) / kFrameSamples) - kPrerollFrames);
  if (follows && edge < 0) from = next = -1; // whatever comes first
  closeDecoders();
  worklet.postMessage({ turn, run, follow: follows });
  tell({ turn, following, playing });
  pump();
}

// --- what arrives

function take(message) {
  if (message.done) {
    asking = false;
    return pump();
  }
  if (message.failed !== undefined && !message.bytes) return tell({ failed: message.failed, status: message.status });
  for (const record of records(message.bytes)) {
    if (record.kind === kAudio) keep(record);
    else if (record.kind === kHello) hello(record.data);
    else if (message.past) continue; // the edge tells the rest, once
    else if (record.kind === kNote) tell({ note: record.data });
    else if (record.kind === kSkipped) tell({ skipped: record.data.skipped });
    else if (record.kind === kEnded) end(record.data);
  }
  pump();
  sayNews();
}

function hello(data) {
  lead = data.pre_skip_48k ?? 0;
  tell({ hello: data });
}

function keep(record) {
  packets.set(record.index, record);
  if (packets.size > kKeepFrames) packets.delete(packets.keys().next().value);
  if (record.index > edge) edge = record.index;
  news.peaks.push(record.index, record.legs.map(({ low, high }) => [low, high]));
}

function end(data) {
  ended = true;
  tell({ ended: data });
}

// Edge and waveform, ten times a second at most.
function sayNews() {
  if (!ended && performance.now() < news.due) return;
  tell({ edge: msOf((edge + 1) * kFrameSamples), peaks: news.peaks });
  news = { peaks: [], due: performance.now() + kTellMs };
}

// --- what is decoded

function follow({ position, rate }) {
  if (rate > 0) heard = position;
  const behind = (edge + 1) * kFrameSamples - heard;
  if (following && !ended && rate > 0 && behind > kMaxBehind) return leap(heard);
  if (rate > 0) fresh = false;
  pump();
}

// At the live edge after a hiccup: go on there, and say what was not heard. Before the first sound it was
// none: the browser took its time to open the loudspeaker.
function leap(wasAt) {
  begin(true, true, msOf(edge * kFrameSamples));
  if (!fresh) tell({ skipped: { from_ms: msOf(wasAt), to_ms: msOf(from) } });
}

function pump() {
  if (!playing || !call) return;
  if (next < 0 && edge >= 0) {
    from = heard = edge * kFrameSamples;
    next = edge;
  }
  while (next >= 0 && next <= edge && next * kFrameSamples - heard < kAhead) {
    const record = packets.get(next);
    if (!record) return missing();
    decode(record);
    next++;
  }
  if (ended && next > edge && !drained) drain();
}

// Not here: read from the past, unless we are at the edge, where it is gone for good.
function missing() {
  if (following) {
    const first = [...packets.keys()].filter((index) => index > next).sort((a, b) => a - b)[0];
    if (first === undefined) return;
    next = first;
    return pump();
  }
  if (asking) return;
  if (ended) { // the stream is over: the page goes on with the kept call
    drained = true;
    return;
  }
  asking = true;
  const fromMs = msOf(next * kFrameSamples);
  shared.postMessage({ what: 'past', call, fromMs, untilMs: Math.min(fromMs + kPastMs, msOf(edge * kFrameSamples)) });
}

async function drain() {
  drained = true;
  const mine = turn;
  await Promise.all(decoders.map((decoder) => decoder.flush().catch(() => {})));
  if (turn === mine) worklet.postMessage({ draining: true });
}

function decode(record) {
  if (decoders.length !== record.legs.length || decoders.some(({ state }) => state === 'closed')) makeDecoders(record.legs.length);
  record.legs.forEach(({ packet }, leg) => decoders[leg].decode(new EncodedAudioChunk({
    type: 'key', timestamp: Math.round((record.index * kFrameSamples * 1e6) / kRateHz), data: packet,
  })));
}

function makeDecoders(count) {
  closeDecoders();
  const mine = turn;
  halves = Array.from({ length: count }, () => []);
  decoders = halves.map((half) => {
    const decoder = new AudioDecoder({
      output: (sound) => {
        if (turn === mine) half.push(copy(sound));
        sound.close();
        if (turn === mine) pair();
      },
      error: () => {}, // a packet that is none is left out: the decoder is closed now, and made anew
    });
    decoder.configure({ codec: 'opus', sampleRate: kRateHz, numberOfChannels: 1 });
    return decoder;
  });
}

function closeDecoders() {
  for (const decoder of decoders) if (decoder.state !== 'closed') decoder.close();
  decoders = [];
}

function copy(sound) {
  const samples = new Float32Array(sound.numberOfFrames);
  sound.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
  return { position: Math.round((sound.timestamp * kRateHz) / 1e6) - lead, samples };
}

// A piece is for the worklet when both legs have it; what is before `from` was only to warm up.
function pair() {
  while (halves.every((half) => half.length)) {
    const both = halves.map((half) => half.shift());
    const { position } = both[0];
    const late = Math.max(0, from - position);
    if (late >= both[0].samples.length) continue;
    const legs = both.map(({ samples }) => (late ? samples.slice(late) : samples));
    worklet.postMessage({ piece: { turn, position: position + late, legs } }, legs.map(({ buffer }) => buffer));
  }
}
