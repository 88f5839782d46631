// How much of a call was heard, as the station computes it (docs/api.md). Imports nothing.

export const kHeardShare = 0.8; // from here on a call counts as heard
const kEndMs = 1000;            // this near to the end it was reached

// Sorted, and apart from each other.
export function joined(stretches) {
  const out = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    if (to <= from) continue;
    if (out.length && from <= out.at(-1)[1]) out.at(-1)[1] = Math.max(out.at(-1)[1], to);
    else out.push([from, to]);
  }
  return out;
}

const lengthOf = (stretches) => stretches.reduce((sum, [from, to]) => sum + to - from, 0);

const overlap = (some, others) => some.reduce((sum, [from, to]) => sum +
  others.reduce((part, [start, end]) => part + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0), 0);

// Of the time in which anybody talks; of the whole length where that is not known, or the call goes on.
export function heardShare(stretches, measures, lengthMs, live) {
  const heard = joined(stretches);
  if (!heard.length || lengthMs <= 0) return 0;
  if (!live && heard.at(-1)[1] >= lengthMs - kEndMs) return 1;
  const talk = live ? [] : joined((measures?.legs ?? []).flatMap((leg) => leg.talk ?? []));
  const whole = talk.length ? talk : [[0, lengthMs]];
  return Math.min(1, overlap(heard, whole) / lengthOf(whole));
}

// Of a call in the list.
export const heardBefore = (call) => call.heard >= kHeardShare;
