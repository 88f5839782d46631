// A keycap: the Latin letter, and beside it what this keyboard's layout writes there, where the browser
// tells (navigator.keyboard).
import { html } from './dom.js';
import { change } from './store.js';
import { keyCap } from './tagbook.js';

let letters = new Map();

export async function startCaps() {
  const read = async () => {
    letters = await navigator.keyboard?.getLayoutMap?.().catch(() => letters) ?? letters;
    change({});
  };
  addEventListener('focus', read); // the layout may have been switched elsewhere
  await read();
}

export function Cap({ code }) {
  const cap = keyCap(code);
  const local = letters.get(code)?.toLocaleUpperCase();
  return html`<kbd dir="ltr">${cap}${local && local !== cap.toUpperCase() && html` <i>${local}</i>`}</kbd>`;
}
