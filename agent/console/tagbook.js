// The tag book as the page uses it: kinds by id, labels in the page's language, and
// where a kind stands on the key panel.
import { lang } from './i18n.js';
import { codeOfKind } from './keymap.js';
import { state } from './store.js';

const kRows = ['QWERTYUIOP[]', "ASDFGHJKL;'", 'ZXCVBNM,./'];
const kFirstSet = 'hour'; // the kinds shown first

export const kindById = (id) => state.kinds.find((kind) => kind.id === id);
const usable = (kind) => !kind.retired;

// An unknown kind (a newer book) is shown by its id.
export const kindLabel = (id) => {
  const labels = kindById(id)?.labels;
  return labels?.[lang()] || labels?.en || id;
};

// To be acted on at once.
export const isSerious = (id) => kindById(id)?.severity === 1;

export const familyLabel = (id) => {
  const labels = state.families.find((family) => family.id === id)?.labels;
  return labels?.[lang()] || labels?.en || id;
};

// The colours of the default families have names; a family of one's own is neutral.
export const familyClass = (kindId) => `kind family-${kindById(kindId)?.family ?? 'other'}`;

const kCaps = {
  Comma: ',', Period: '.', Slash: '/', Semicolon: ';', Quote: "'", Backquote: '`', Minus: '-', Equal: '=', BracketLeft: '[',
  BracketRight: ']', Backslash: '\\', IntlBackslash: '\\', ArrowLeft: '←', ArrowRight: '→', Backspace: '⌫', Enter: '⏎', Escape: 'Esc',
};

// "KeyQ" -> "Q", "Digit1" -> "1"
export const keyCap = (code) => kCaps[code] ?? String(code ?? '').replace(/^(Key|Digit)/, '');

// Physical place: {row, column}, letters first and digits last (rare and heavy, far on purpose).
function place(code) {
  const cap = keyCap(code);
  if (/^Digit\d$/.test(code)) return { row: 3, column: (Number(cap) + 9) % 10 };
  const row = kRows.findIndex((letters) => cap.length === 1 && letters.includes(cap));
  return row < 0 ? { row: 4, column: 9 } : { row, column: kRows[row].indexOf(cap) };
}

export const isShown = (kind) =>
  usable(kind) && (state.allKeys || !hasFirstSet() || (kind.sets ?? []).includes(kFirstSet));

const hasFirstSet = () => state.kinds.some((kind) => usable(kind) && (kind.sets ?? []).includes(kFirstSet));

export const hiddenCount = () => state.kinds.filter((kind) => usable(kind) && !isShown(kind)).length;
export const canFold = () => hasFirstSet() && state.kinds.some((kind) => usable(kind) && !(kind.sets ?? []).includes(kFirstSet));

// Rows of the panel, top to bottom; each is [{kind, column}] by column.
export function panelRows() {
  const rows = new Map();
  for (const kind of state.kinds.filter(usable)) {
    const { row, column } = place(codeOfKind(kind));
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push({ kind, column, shown: isShown(kind) });
  }
  return [...rows.keys()].sort((a, b) => a - b)
    .map((row) => rows.get(row).sort((a, b) => a.column - b.column || a.kind.order - b.kind.order));
}
