// The tag book's dealings with the station: reading it, and every change of it. A change that is refused
// throws the station's ApiError.
import * as api from './api.js';
import { t } from './i18n.js';
import { change, state } from './store.js';
import { labelOf } from './tagbook.js';
import { whyText } from './why.js';

const kindPath = (id, act = '') => `tagbook/kinds/${encodeURIComponent(id)}${act && `/${act}`}`;

let asked = 0;
let shown = 0; // the question whose answer is on the page: one asked before it is late
export async function loadBook() {
  const mine = ++asked;
  const book = await api.get('tagbook');
  if (mine < shown) return;
  shown = mine;
  change({ kinds: book.kinds, families: book.families ?? [], mayEdit: book.may_edit !== false, mayMerge: book.may_merge_listeners !== false });
}

async function told(request) {
  try {
    return await request;
  } finally {
    await loadBook().catch(() => {}); // also after a refusal: somebody else was quicker
  }
}

export const defineKind = (kind) => told(api.post('tagbook/kinds', kind));
export const reviseKind = (id, changes) => told(api.put(kindPath(id), changes));
export const restoreKind = (id, changes) => told(api.post(kindPath(id, 'restore'), changes));
export const retireKind = ({ id, revision }) => told(api.post(kindPath(id, 'retire'), { revision }));
export const mergeKind = ({ id, revision }, into) => told(api.post(kindPath(id, 'merge'), { into, revision }));

// Where nothing beside what was pressed can say it.
export function sayRefused(error) {
  const text = t('book_failed', { why: whyText(error) });
  change({ said: text, ...(state.view === 'desk' ? { line: { text } } : {}) });
}

// Kinds in use, as the panel has them: families in their order, in each by order.
export const inUse = () => state.kinds.filter((kind) => !kind.retired);
export const ofFamily = (family) => inUse().filter((kind) => kind.family === family);

let moving = false; // a key that repeats waits for the station

// One place up (-1) or down (1) among those of its family. The two change places; where changes apart left several
// on one, those after them make room.
export async function moveKind(kind, step) {
  const family = ofFamily(kind.family);
  const from = family.indexOf(kind);
  if (moving || !state.mayEdit || from < 0 || !family[from + step]) return;
  const places = family.map(({ order }) => order);
  [family[from], family[from + step]] = [family[from + step], kind];
  let free = 0;
  const moves = family.map((one, i) => {
    const order = Math.max(free, places[i]);
    free = order + 1;
    return { ...one, order };
  }).filter(({ order }, i) => order !== family[i].order);
  moving = true;
  try {
    await told(inTurn(moves));
    change({ said: t(step < 0 ? 'book_moved_up' : 'book_moved_down', { kind: labelOf(kind) }) });
  } finally {
    moving = false;
  }
}

async function inTurn(moves) {
  for (const { id, order, revision } of moves) await api.put(kindPath(id), { order, revision });
}
