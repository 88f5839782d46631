// A tick in the headphones, where the listener asked for it: one soft tick when a tag is safe, two lower ones
// when it is not.
import { kept } from './kept.js';

const kSaved = [[1200, 0]];               // [Hz, seconds from now]
const kNotSaved = [[330, 0], [330, 0.16]];
const kLength = 0.07;
const kLoudness = 0.12;

let context = null;

export function tick(saved) {
  if (!kept('tick', false)) return;
  context ??= new AudioContext();
  context.resume();
  for (const [frequency, after] of saved ? kSaved : kNotSaved) {
    const at = context.currentTime + after;
    const tone = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(kLoudness, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + kLength);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + kLength);
  }
}
