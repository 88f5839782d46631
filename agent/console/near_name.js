// Is a new name near one that is known? Spelling, case, spaces, a missing surname: all are "is this you?",
// because two names for one person split what that person heard.

// Letters and digits only, without case or accents; Hebrew points go the same way.
function fold(name) {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFKC').toLocaleLowerCase('und')
    .replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

export function distance(a, b) {
  const [from, to] = [[...a], [...b]];
  let row = to.map((_, i) => i + 1);
  row.unshift(0);
  for (let i = 1; i <= from.length; i++) {
    let corner = row[0];
    row[0] = i;
    for (let j = 1; j <= to.length; j++) {
      const kept = row[j];
      row[j] = Math.min(row[j] + 1, row[j - 1] + 1, corner + (from[i - 1] === to[j - 1] ? 0 : 1));
      corner = kept;
    }
  }
  return row[to.length];
}

export function isNear(a, b) {
  const [x, y] = [fold(a), fold(b)];
  if (!x || !y) return a.trim() === b.trim();
  if (x === y) return true;
  const [tight, wide] = [x.replaceAll(' ', ''), y.replaceAll(' ', '')];
  const allowed = Math.min(tight.length, wide.length) < 5 ? 1 : 2;
  if (Math.min(tight.length, wide.length) >= 3 && distance(tight, wide) <= allowed) return true;
  const [words, others] = [x.split(' '), y.split(' ')];
  const [few, many] = words.length <= others.length ? [words, others] : [others, words];
  return few.every((word) => many.includes(word)); // "Dana" and "Dana Levi", "Levi Dana" and "Dana Levi"
}

export const nearNames = (name, listeners) => listeners.filter((listener) => isNear(name, listener.name));
