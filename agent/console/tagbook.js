// The tag book as the page uses it: kinds by id, labels and hints in the page's language, and where a kind stands on
// the key panel. A merged kind is shown as the one it counts as.
import { lang } from './i18n.js';
import { codeOfKind, targetOf } from './keymap.js';
import { plain } from './plain.js';
import { state } from './store.js';

const kRows = ['QWERTYUIOP[]', "ASDFGHJKL;'", 'ZXCVBNM,./'];
const kFirstSet = 'hour'; // the kinds shown first
const kPerRow = 5;        // of kinds without a key

const ownKind = (id) => state.kinds.find((kind) => kind.id === id);
export const kindById = (id) => {
  const kind = ownKind(id);
  return kind?.merged_into ? ownKind(kind.merged_into) ?? kind : kind;
};
const usable = (kind) => !kind.retired;
// Two kinds may have got one key at two places that were apart: the first in the book has it.
export const holderOf = (code) => (code ? state.kinds.find((kind) => kind.key === code && usable(kind)) : undefined);
// The key that means this kind here: the book's, or what this listener chose.
export const keyOf = (kind) => (targetOf(codeOfKind(kind)) === `kind:${kind.id}` ? codeOfKind(kind) : '');

// In the page's language, or English, or any.
export const labelOf = (kind) => {
  const labels = kind.labels ?? {};
  return plain(labels[lang()] || labels.en || Object.values(labels).find(Boolean) || kind.id);
};

// When to press: likewise, as {text, code}, for who has to say which language it is.
export function hintOf(kind) {
  const hints = kind.hints ?? {};
  const code = [lang(), 'en', ...Object.keys(hints)].find((one) => hints[one]) ?? 'en';
  return { text: plain(hints[code] ?? ''), code };
}

// An unknown kind (a newer book) is shown by its id.
export const kindLabel = (id) => {
  const kind = kindById(id);
  return kind ? labelOf(kind) : plain(String(id));
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
  return row < 0 ? null : { row, column: kRows[row].indexOf(cap) };
}

export const isShown = (kind) =>
  usable(kind) && (state.allKeys || !hasFirstSet() || (kind.sets ?? []).includes(kFirstSet));

const hasFirstSet = () => state.kinds.some((kind) => usable(kind) && (kind.sets ?? []).includes(kFirstSet));

export const hiddenCount = () => state.kinds.filter((kind) => usable(kind) && !isShown(kind)).length;
export const canFold = () => hasFirstSet() && state.kinds.some((kind) => usable(kind) && !(kind.sets ?? []).includes(kFirstSet));

// Rows of the panel, top to bottom; each is [{kind, column}] by column. Kinds without a key of their own
// stand below, in rows of five.
export function panelRows() {
  const rows = new Map();
  let keyless = 0;
  for (const kind of state.kinds.filter(usable)) {
    const shown = isShown(kind);
    const at = place(keyOf(kind));
    if (!at && !shown) continue; // no place to keep free
    const { row, column } = at ?? { row: 4 + Math.floor(keyless / kPerRow), column: keyless++ % kPerRow };
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push({ kind, column, shown });
  }
  return [...rows.keys()].sort((a, b) => a - b)
    .map((row) => rows.get(row).sort((a, b) => a.column - b.column || a.kind.order - b.kind.order));
}
