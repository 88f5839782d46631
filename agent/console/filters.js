// What the list of calls is narrowed to, and how the station is asked for it. Imports nothing.

export const kAnything = { queue: '', language: '', kind: '', days: '', heard: '' };
const kBeforeMark = 12; // code points
export const kDays = ['1', '7', '30']; // today, and so many days with it

export const isFiltered = (filters) => Object.values(filters).some(Boolean);

// Days are those of the clock on the wall: today begins at midnight.
export function filterParams({ days, ...equal }, now = new Date()) {
  const params = Object.fromEntries(Object.entries(equal).filter(([, value]) => value));
  if (!days) return params;
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(days) + 1);
  return { ...params, since: since.toISOString() };
}

// A text in pieces [words, marked], from marks [from, to) in code points.
export function pieces(text, marks) {
  const points = [...text];
  const cut = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from > at) cut.push([points.slice(at, from).join(''), false]);
    cut.push([points.slice(from, to).join(''), true]);
    at = to;
  }
  if (at < points.length) cut.push([points.slice(at).join(''), false]);
  return cut;
}

// A text cut so that a line too short for it still shows its first mark: from a word's beginning where one is
// near, and never between a letter and its own marks.
export function aroundFirstMark({ text, marks }) {
  const points = [...text];
  const [first] = marks[0];
  if (first <= kBeforeMark) return { text, marks };
  const space = points.lastIndexOf(' ', first - 1);
  let cut = first - kBeforeMark;
  if (space >= cut) cut = points.indexOf(' ', cut) + 1;
  while (/\p{M}/u.test(points[cut])) cut++;
  const moved = cut - 1; // the ellipsis is one
  return { text: `…${points.slice(cut).join('')}`, marks: marks.map(([from, to]) => [from - moved, to - moved]) };
}
