// AudioWorklet: plays decoded pieces of a live call in order and says where it is. Agent left, customer
// right, as in a kept call; one leg on both sides. Runs on the audio thread: it allocates only when a
// piece arrives or is used up.
//
// The decoder sends, on the port it was given, {piece: {turn, position, legs}}, {turn, run, follow} to
// begin anew (a seek, a pause), {follow} at or off the live edge, and {draining} when the call has ended.
// The worklet reports {turn, time, position, rate, waiting} to the decoder and to the page: the sample at
// `position` leaves at `time` of the audio clock; a rate of 0 is silence for want of anything to play.
import { Jitter } from './jitter.js';

const kReportQuanta = 8; // 21 ms
const kFade = 128;       // samples over which sound comes and goes: no clicks
const kCut = 480;        // 10 ms of silence, left out at a time
const kSilence = 0.003;  // -50 dBFS

class LivePlayback extends AudioWorkletProcessor {
  turn = 0;
  running = false;  // a person wants to hear
  flowing = false;  // and there is something to hear
  fresh = true;     // nothing of this turn was heard yet
  follow = false;   // at the live edge: keep the delay small
  draining = false; // nothing more comes: what is left is played however little it is
  pieces = [];
  at = 0;           // position of the next sample to play, between samples while the rate is not 1
  rate = 1;
  quanta = 0;
  level = 0;        // of the fade
  jitter = new Jitter();

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.decoder = data.port;
      this.decoder.onmessage = (event) => this.take(event.data);
    };
  }

  take(data) {
    if (data.piece) {
      if (data.piece.turn === this.turn) this.pieces.push(data.piece);
      return;
    }
    if (data.follow !== undefined) this.follow = data.follow;
    if (data.draining !== undefined) this.draining = data.draining;
    if (data.turn === undefined) return;
    this.turn = data.turn;
    this.running = data.run;
    this.flowing = false;
    this.fresh = true;
    this.draining = false;
    this.pieces = [];
    this.at = 0;
    this.level = 0;
    this.jitter.restart();
  }

  get waiting() {
    const last = this.pieces.at(-1);
    return last ? last.position + last.legs[0].length - this.at : 0;
  }

  process(_, [output]) {
    const count = output[0].length;
    if (!this.flowing && this.running && this.pieces.length) this.begin(count);
    this.rate = this.flowing && this.follow ? this.jitter.rate(this.waiting, count) : 1;
    if (this.flowing && this.follow) this.catchUp(count);
    if (this.quanta++ % kReportQuanta === 0) this.report();
    if (this.flowing) this.play(output, count);
    return true;
  }

  begin(count) {
    this.at = Math.max(this.at, this.pieces[0].position);
    const enough = this.follow && !this.draining ? this.jitter.startAt : 2 * count;
    this.flowing = this.draining || this.waiting >= enough;
    if (!this.flowing) return;
    // What gathered while the page got ready would be delay from then on.
    if (this.follow && this.fresh && !this.draining) this.at += this.waiting - enough;
    this.fresh = false;
    this.quanta = 0; // said at once
  }

  // Only silence that more silence follows: no word loses its beginning.
  catchUp(count) {
    if (!this.jitter.mayLeaveOut(kCut) || !this.silent(2 * count + kCut)) return;
    this.at += kCut;
    this.jitter.leftOut(kCut);
    this.quanta = 0;
  }

  silent(count) {
    let at = this.at;
    for (const { position, legs } of this.pieces) {
      const from = Math.max(0, Math.floor(at - position));
      const until = Math.min(legs[0].length, Math.ceil(at - position) + count);
      for (const samples of legs) {
        for (let i = from; i < until; i++) if (Math.abs(samples[i]) > kSilence) return false;
      }
      count -= Math.max(0, until - from);
      at = position + legs[0].length;
      if (count <= 0) return true;
    }
    return false;
  }

  play(output, count) {
    for (let i = 0; i < count; i++) {
      while (this.pieces.length && this.at >= this.pieces[0].position + this.pieces[0].legs[0].length) this.pieces.shift();
      const piece = this.pieces[0];
      if (!piece) {
        this.flowing = false;
        this.level = 0;
        this.at = Math.round(this.at);
        if (this.follow) this.jitter.ranDry();
        this.quanta = 0;
        return;
      }
      if (this.at < piece.position) this.at = piece.position; // what was lost on the way has no samples
      this.level = Math.min(1, this.level + 1 / kFade);
      for (let side = 0; side < output.length; side++) {
        output[side][i] = this.level * this.sample(piece, Math.min(side, piece.legs.length - 1));
      }
      this.at += this.rate;
    }
  }

  // Between two samples on a straight line: the rate is so near to 1 that nothing better is heard.
  sample(piece, leg) {
    const offset = this.at - piece.position;
    const index = Math.floor(offset);
    const samples = piece.legs[leg];
    const here = samples[index];
    const share = offset - index;
    if (share === 0) return here;
    const next = index + 1 < samples.length ? samples[index + 1] : this.pieces[1]?.legs[leg]?.[0] ?? here;
    return here + (next - here) * share;
  }

  report() {
    const rate = this.flowing ? this.rate : 0;
    const message = { turn: this.turn, time: currentTime, position: this.at, rate, waiting: Math.max(0, this.waiting) };
    this.port.postMessage(message);
    this.decoder?.postMessage(message);
  }
}

registerProcessor('earful-live', LivePlayback);
