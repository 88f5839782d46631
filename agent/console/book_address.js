// The tag book in the address: #book, or #book=KIND for the kind that is open.

export const kNewKind = '+'; // in place of a kind: one is being made

export const openBook = (id = '') => { location.hash = id ? `#book=${encodeURIComponent(id)}` : '#book'; };
export const leaveBook = () => { location.hash = ''; };

// The row of a kind in the list, once the page has drawn it; where it is folded away, what brings the kind back.
export const focusRow = (id) =>
  requestAnimationFrame(() => {
    const row = document.querySelector(`.book-row[data-kind="${CSS.escape(id)}"]`);
    (row && !row.closest('details:not([open])') ? row : document.getElementById('restore'))?.focus();
  });
