// Which silence to leave out. Imports nothing.

const kMarginMs = 300; // kept on both sides: a quiet word at the edge of a silence is not eaten
const kWorthMs = 500;  // a shorter leap is more disturbing than the wait

// silences: [[startMs, endMs], …] where nobody talks. Where to go on from atMs, or null.
export function skipTarget(silences, atMs) {
  for (const [start, end] of silences) {
    const to = end - kMarginMs;
    if (atMs >= start + kMarginMs && to - atMs >= kWorthMs) return to;
  }
  return null;
}
