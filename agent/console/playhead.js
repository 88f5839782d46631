// What is heard now, from what the worklet said it would play when. A report is {time, position, rate}:
// the sample at `position` left at `time` of the audio clock, and so on at `rate` until the next report.
// Imports nothing.

const kKeepSeconds = 5; // more than any loudspeaker is behind (Bluetooth: 0.3 s)
const kRateHz = 48_000;

export class Playhead {
  reports = [];

  clear() {
    this.reports = [];
  }

  add({ time, position, rate }) {
    this.reports.push({ time, position, rate });
    while (this.reports[0].time < time - kKeepSeconds) this.reports.shift();
  }

  // The position heard at `time`, or null before anything was: sound that has not left yet is not heard.
  at(time) {
    let index = this.reports.length - 1;
    while (index >= 0 && this.reports[index].time > time) index--;
    if (index < 0) return null;
    const { time: since, position, rate } = this.reports[index];
    const until = this.reports[index + 1];
    const on = position + (time - since) * kRateHz * rate;
    return until ? Math.min(on, Math.max(position, until.position)) : on;
  }
}
