// The tag book in the address: #book, or #book=KIND for the kind that is open. No element has the id book: the
// browser would give it the focus.
import { state } from './store.js';

export const kNewKind = '+'; // in place of a kind: one is being made

export const openBook = (id = '') => { location.hash = id ? `#book=${encodeURIComponent(id)}` : '#book'; };
export const leaveBook = () => { location.hash = ''; };
export const isOpen = (id) => state.view === 'book' && state.bookKind === id;

export const showKind = (id) => { openBook(id); focusRow(id); };

// The row of a kind in the list, once the page has drawn it, or what makes a new one; where the row is folded away,
// what brings the kind back, or what unfolds it.
export const focusRow = (id) =>
  requestAnimationFrame(() => {
    const row = id === kNewKind ? document.getElementById('book-new') : document.querySelector(`.book-row[data-kind="${CSS.escape(id)}"]`);
    const folded = row?.closest('details:not([open])');
    (folded ? document.getElementById('restore') ?? folded.querySelector('summary') : row)?.focus();
  });
