// How fast to play a stream that arrives at its own pace: a little faster while more waits than is needed,
// a little slower while less does. That takes up late packets and a sound card whose clock is not the
// recorder's. Counts samples; imports nothing; no clock of its own.

const kReserve = 960;         // what should be left when the buffer is at its lowest: one packet
const kMaxReserve = 4800;     // 100 ms: more delay than this helps nobody
const kStep = 480;            // added to the reserve after it ran dry
const kDeadband = 240;        // 5 ms: closer than this is as wanted
const kPull = 96_000;         // an excess of this many samples would be played away within one second
const kMaxChange = 0.03;      // half a semitone: hardly noticed in speech
const kSpare = 1920;          // 40 ms: an excess beyond this is not for changing the pace alone
const kWindow = 12_000;       // 250 ms; the lowest of the last kWindows counts
const kWindows = 4;
const kForget = 48_000;       // after 1 s without running dry the reserve shrinks by one step ...
const kMaxForget = 480_000;   // ... after 10 s on a line where that was too soon, again and again

export class Jitter {
  reserve = kReserve;
  lows = [];
  low = Infinity;
  seen = 0;
  calm = 0;         // played since the reserve changed
  flowed = 0;       // played since it ran dry
  forget = kForget;

  get startAt() {
    return this.reserve + 960; // packets come 20 ms at a time
  }

  // Before each `played` samples: how many are waiting. Gives the rate to play them at.
  rate(waiting, played) {
    this.low = Math.min(this.low, waiting);
    this.seen += played;
    this.calm += played;
    this.flowed += played;
    if (this.seen >= kWindow) this.turn();
    if (this.calm >= this.forget) {
      this.calm = 0;
      if (this.reserve === kReserve) this.forget = Math.max(kForget, this.forget / 2);
      this.reserve = Math.max(kReserve, this.reserve - kStep);
    }
    const { excess } = this;
    if (Math.abs(excess) < kDeadband) return 1;
    return 1 + Math.min(kMaxChange, Math.max(-kMaxChange, excess / kPull));
  }

  // So many wait that are not needed; fewer than none when more should.
  get excess() {
    return this.lows.length ? Math.min(...this.lows) - this.reserve : 0;
  }

  // After the sound stood still for a while what was said meanwhile waits: seconds of a faster pace, or a
  // moment without a word, left out.
  mayLeaveOut(count) {
    return this.excess > kSpare + count;
  }

  leftOut(count) {
    for (let i = 0; i < this.lows.length; i++) this.lows[i] -= count;
    this.low -= count;
  }

  turn() {
    this.lows.push(this.low);
    if (this.lows.length > kWindows) this.lows.shift();
    this.low = Infinity;
    this.seen = 0;
  }

  // Several times within a second is one hiccup.
  ranDry() {
    if (this.flowed >= kForget) this.forget = Math.min(kMaxForget, this.forget * 2);
    this.flowed = 0;
    this.reserve = Math.min(kMaxReserve, this.reserve + kStep);
    this.restart();
  }

  restart() {
    this.lows = [];
    this.low = Infinity;
    this.seen = 0;
    this.calm = 0;
  }
}
