// What this browser remembers for one listener: small values by name. Where nothing can be kept, what was
// set lasts as long as the page.
import { state } from './store.js';

const memory = new Map();

const full = (name) => `earful.${name}.${state.listener?.id ?? ''}`;

export function kept(name, otherwise, storage = localStorage) {
  try {
    return JSON.parse(storage.getItem(full(name))) ?? otherwise;
  } catch {
    return memory.get(full(name)) ?? otherwise;
  }
}

export function keep(name, value, storage = localStorage) {
  memory.set(full(name), value);
  try {
    storage.setItem(full(name), JSON.stringify(value));
  } catch {
    // See above.
  }
}
