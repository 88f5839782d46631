// What grows with a live call: its waveform and what is noted about it.
import { change, state } from './store.js';

const kStepMs = 20;
const kByte = 128;       // peaks in the stream are bytes
const kRedrawMs = 500;   // between two drawings of a growing waveform

let legs = [];           // per leg: smallest and largest of each step, as GET peaks gives them
let dueAt = 0;

export function startPeaks(call) {
  legs = Array.from({ length: call.legs }, () => []);
  dueAt = 0;
  change({ peaks: { legs: call.legs, step_ms: kStepMs, peaks: legs } });
}

// kept: GET peaks, what was there before we came; fresh: [index, [[low, high] per leg], …] of the stream.
export function addPeaks(kept, fresh = []) {
  kept?.peaks.forEach((pairs, leg) => {
    for (let i = 0; i < pairs.length; i++) legs[leg][i] ??= pairs[i];
  });
  for (let i = 0; i < fresh.length; i += 2) {
    fresh[i + 1].forEach(([low, high], leg) => {
      if (!legs[leg]) return;
      legs[leg][2 * fresh[i]] = low / kByte;
      legs[leg][2 * fresh[i] + 1] = high / kByte;
    });
  }
  if (!kept && performance.now() < dueAt) return;
  dueAt = performance.now() + kRedrawMs;
  change({ peaks: { legs: legs.length, step_ms: kStepMs, peaks: legs } });
}

// A note may be told twice, by the stream and by the station's events, and again when it has grown.
export function addNote(callId, note) {
  if (!note || callId !== state.call?.call_id) return;
  const same = (other) => other.kind === note.kind && other.leg === note.leg && other.start_ms === note.start_ms;
  const others = (state.call.notes ?? []).filter((other) => !same(other));
  change({ call: { ...state.call, notes: [...others, note].sort((a, b) => a.start_ms - b.start_ms) } });
}
