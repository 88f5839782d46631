// The tag book's dealings with the station: reading it, and every change of it. A change that is refused
// throws the station's ApiError.
import * as api from './api.js';
import { change, state } from './store.js';

const kindPath = (id, act = '') => `tagbook/kinds/${encodeURIComponent(id)}${act && `/${act}`}`;

export async function loadBook() {
  const book = await api.get('tagbook');
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

// Kinds in use, as the panel has them: families in their order, in each by order.
export const inUse = () => state.kinds.filter((kind) => !kind.retired);
export const ofFamily = (family) => inUse().filter((kind) => kind.family === family);

// One place up (-1) or down (1) among those of its family: the two change places.
export async function moveKind(kind, step) {
  const family = ofFamily(kind.family);
  const other = family[family.indexOf(kind) + step];
  if (!other) return false;
  const same = kind.order === other.order; // after changes apart; then a step to the side is enough
  const order = same ? Math.max(0, kind.order + step) : other.order;
  await api.put(kindPath(kind.id), { order, revision: kind.revision });
  if (!same) await told(api.put(kindPath(other.id), { order: kind.order, revision: other.revision }));
  else await loadBook();
  return true;
}
