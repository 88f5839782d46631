// What reaches the ears: which leg, how loud, and nothing louder than that. Between a source whose left
// channel is the agent and whose right one is the customer (a mono call is the same on both) and the
// loudspeaker stand a gain per leg, a place per leg, a limiter and the volume. The file is never touched.
//
// Both legs are in both ears, slightly apart, as two people at a table; one alone is in the middle.

const kSpread = [0.92, 0.39];  // of a leg in its own ear and in the other: 7 dB apart, together as loud as 1
const kMiddle = Math.SQRT1_2;
const kModes = ['both', 'customer', 'agent'];
const kTargetLufs = -20;
const kMostDb = 12;            // a leg is made louder or softer by no more than this
const kLimitDb = -3;
const kRatio = 20;
const kVolumeStep = 0.1;
const kStorageKey = 'earful.volume';
const kGlideSeconds = 0.015;   // a change of gain in one step would click

// A limiter looks ahead by this much (Web Audio, DynamicsCompressorNode): what is heard is that much later.
export const kLookAheadMs = 6;

const kMostLag = 0.5;          // seconds; ears without a wire are some 0.3 behind
const kStampJitterMs = 20;
const kStaleMs = 1000;

let mode = 'both';
let volume = stored();
let gains = [1, 1];            // per leg, of the call that is loaded
let mono = false;
const chains = new Set();

function stored() {
  try {
    const kept = Number.parseFloat(localStorage.getItem(kStorageKey));
    return kept >= 0 && kept <= 1 ? kept : 1;
  } catch {
    return 1;
  }
}

// Connects a source node to its context's loudspeaker; gives the last node before it.
export function attach(context, source) {
  const both = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit', channelInterpretation: 'speakers' });
  const apart = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  const together = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const limiter = new DynamicsCompressorNode(context, { threshold: kLimitDb, knee: 0, ratio: kRatio, attack: 0.001, release: 0.1 });
  const out = new GainNode(context);
  source.connect(both).connect(apart);
  const places = [0, 1].map((leg) => [0, 1].map((ear) => {
    const place = new GainNode(context);
    apart.connect(place, leg);
    place.connect(together, 0, ear);
    return place;
  }));
  together.connect(limiter).connect(out).connect(context.destination);
  const chain = { context, places, out };
  chains.add(chain);
  set(chain, true);
  return out;
}

function share(leg, ear) {
  if (mono) return leg === ear ? 1 : 0;
  if (mode === 'both') return kSpread[leg === ear ? 0 : 1];
  return mode === kModes[2 - leg] ? kMiddle : 0;
}

// The limiter makes up for what it may take away (Web Audio: 0.6 of it), which is not wanted here.
const kUndoMakeUp = 10 ** ((0.6 * (kLimitDb - kLimitDb / kRatio)) / 20);

function set({ context, places, out }, atOnce) {
  const glide = (parameter, value) => (atOnce ? (parameter.value = value)
    : parameter.setTargetAtTime(value, context.currentTime, kGlideSeconds));
  places.forEach((ears, leg) => ears.forEach((place, ear) => glide(place.gain, gains[leg] * share(leg, ear))));
  glide(out.gain, volume * volume * kUndoMakeUp); // squared: a tenth more sounds like a tenth more
}

const setAll = (atOnce = false) => chains.forEach((chain) => set(chain, atOnce));

// Another call: its own gains at once, both legs again.
export function load(measures, legs) {
  mono = legs === 1;
  mode = 'both';
  gains = [0, 1].map((leg) => gainOf(measures?.legs?.[mono ? 0 : leg]?.loudness_lufs, mono));
  setAll(true);
}

// A mono call is in both ears, which is twice the sound of a leg.
export function gainOf(lufs, alone = false) {
  if (typeof lufs !== 'number') return 1;
  const db = kTargetLufs - (alone ? 3 : 0) - lufs;
  return 10 ** (Math.min(kMostDb, Math.max(-kMostDb, db)) / 20);
}

export const legs = () => mode; // 'both' | 'customer' | 'agent'
export const canChoose = () => !mono;

export function nextLegs() {
  if (mono) return;
  mode = kModes[(kModes.indexOf(mode) + 1) % kModes.length];
  setAll();
}

export const loudness = () => volume; // 0 to 1

export function setLoudness(wanted) {
  volume = Math.round(Math.min(1, Math.max(0, wanted)) * 100) / 100;
  try {
    localStorage.setItem(kStorageKey, String(volume));
  } catch {
    // It lasts as long as the page, then.
  }
  setAll();
}

export const stepLoudness = (steps) => setLoudness(volume + steps * kVolumeStep);

// How far behind its own clock a context's loudspeaker is, in seconds. What a browser stamped long ago or in the
// future is no stamp (WebKit adds the context's time to the page's): what the device says of itself is nearer then.
export function lagSeconds(context, now = performance.now()) {
  const stamp = context.getOutputTimestamp?.();
  const ageMs = now - (stamp?.performanceTime || NaN);
  if (stamp?.contextTime > 0 && ageMs > -kStampJitterMs && ageMs < kStaleMs) {
    return between(0, context.currentTime - stamp.contextTime - ageMs / 1000, kMostLag);
  }
  return Math.min(context.outputLatency || context.baseLatency || 0, kMostLag);
}

const between = (least, value, most) => Math.max(least, Math.min(value, most));
