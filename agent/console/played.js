// What really sounded of a source, as stretches of its own clock. Imports nothing.
//
// Whoever owns the source looks at it before and after each change to it. Between two looks it did one
// thing only, so the stretches are exact however rarely it is looked at.

const kSlackMs = 250; // two clocks never agree; what is further than time allows is a leap

export class Played {
  #last = null; // what was seen at the last look
  #hear;

  // hear(fromMs, toMs, rate)
  constructor(hear) {
    this.#hear = hear;
  }

  // seen: {at, now, rate, playing, counts}: where it is, in milliseconds of audio, when, how fast, and whether
  // what sounds from here on counts; null where the source does not know where it is.
  look(seen) {
    const last = this.#last;
    this.#last = seen;
    if (!last?.counts || !seen) return;
    const moved = seen.at - last.at;
    if (moved > 0 && moved <= this.#most(last, seen)) this.#hear(last.at, seen.at, last.rate);
  }

  // It is at another place without having played there. endOf(ms) tells how far it may have played on from
  // where it was at the last look; without it, it was looked at just before.
  leap(seen, endOf = null) {
    const last = this.#last;
    this.#last = seen && { ...seen, leapt: true };
    if (!endOf || !last?.counts || !last.playing || last.leapt) return;
    const to = Math.min(endOf(last.at), last.at + this.#most(last, seen));
    if (to > last.at) this.#hear(last.at, to, last.rate);
  }

  #most = (last, seen) => (seen.now - last.now) * last.rate + kSlackMs;
}
