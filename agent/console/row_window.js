// Which rows of a long list are in the page, and where they went when the list changed. Imports nothing.

const kStep = 8; // rows by which the window moves, and that many beside what is in view

// Rows [from, to) for what is in view.
export function windowOf(topPx, heightPx, rowPx, count) {
  const first = Math.floor(Math.max(0, topPx) / rowPx);
  const shown = Math.ceil(heightPx / rowPx) + 1;
  const from = Math.max(0, (Math.floor(Math.min(first, count) / kStep) - 1) * kStep);
  return { from, to: Math.min(count, from + (Math.ceil(shown / kStep) + 3) * kStep) };
}

// By how many rows the list moved at a place: its row, or the next one that is still there, in both lists.
export function moved(before, after, at) {
  const places = new Map(after.map((id, place) => [id, place]));
  for (let i = at; i < before.length; i++) if (places.has(before[i])) return places.get(before[i]) - i;
  return 0;
}
