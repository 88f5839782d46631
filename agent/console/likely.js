// A share in the words of somebody who counts on fingers: "1 in 3", "3 in 8". What is said about all calls is rounded
// outwards, so that it never claims more than the interval does. Imports nothing.

const kLargest = 10;   // the largest denominator of a fraction that is not 1 in n
const kNear = 0.1;     // so much of the share a simpler fraction may be away from it,
const kAtMost = 0.025; // and no further than that
const kRare = 0.05;    // less is "fewer than 1 in 20"
const kNearly = 0.9;   // more is not told from all

const kFractions = []; // [k, m] for "k in m", the simplest first
for (let m = 2; m <= kLargest; m++) {
  for (let k = 1; k < m; k++) if (!kFractions.some(([n, of]) => n * m === k * of)) kFractions.push([k, m]);
}
const valueOf = ([k, m]) => k / m;

// The simplest fraction that is near, or else the nearest.
export function about(share) {
  if (share <= 0) return [0, 1];
  if (share >= 1) return [1, 1];
  if (share < 1 / kLargest) return [1, Math.round(1 / share)];
  if (share > 1 - 1 / kLargest) return [Math.round(1 / (1 - share)) - 1, Math.round(1 / (1 - share))];
  const far = (one) => Math.abs(valueOf(one) - share);
  return kFractions.find((one) => far(one) <= Math.min(kNear * share, kAtMost)) ?? kFractions.reduce((best, one) => (far(one) < far(best) ? one : best));
}

// The simplest fraction that is a little below the share, or a little above, and never on its other side.
function down(share) {
  if (share < 1 / kLargest) return [1, Math.ceil(1 / share)];
  const below = kFractions.filter((one) => valueOf(one) <= share);
  return below.find((one) => valueOf(one) >= share * (1 - kNear)) ?? below.reduce((best, one) => (valueOf(one) > valueOf(best) ? one : best));
}

function up(share) {
  if (share < 1 / kLargest) return [1, Math.floor(1 / share)];
  const above = kFractions.filter((one) => valueOf(one) >= share);
  return above.find((one) => valueOf(one) <= share * (1 + kNear)) ?? above.reduce((best, one) => (valueOf(one) < valueOf(best) ? one : best));
}

// What an interval says of all calls: 'rare' (fewer than 1 in 20), 'most' (at most high), 'least' (at least low),
// 'between', or 'nothing'; low and high are fractions.
export function likely(low, high) {
  if (high < kRare) return { what: 'rare' };
  if (low < kRare && high > kNearly) return { what: 'nothing' };
  if (low < kRare) return { what: 'most', high: up(high) };
  if (high > kNearly) return { what: 'least', low: down(low) };
  return { what: 'between', low: down(low), high: up(high) };
}
