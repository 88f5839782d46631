// The page of the tag book: all kinds by family, and beside them the one that is open.
import { focusRow, kNewKind, leaveBook, openBook } from './book_address.js';
import { BookEditor, isDirty } from './book_editor.js';
import { People } from './book_people.js';
import { inUse, moveKind, ofFamily, sayRefused } from './book_station.js';
import { Component, html } from './dom.js';
import { t } from './i18n.js';
import { state } from './store.js';
import { familyClass, familyLabel, holderOf, keyCap, labelOf } from './tagbook.js';

export class Book extends Component {
  componentDidMount() {
    addEventListener('keydown', keys);
    if (document.activeElement === document.body) (document.querySelector('.book-row[aria-current]') ?? document.querySelector('.book-row'))?.focus();
  }

  // Who was in here goes on at the player.
  componentWillUnmount() {
    removeEventListener('keydown', keys);
    requestAnimationFrame(() => document.activeElement === document.body && document.getElementById('play')?.focus());
  }

  render() {
    return html`<${Page} />`;
  }
}

function Page() {
  const known = state.families.map(({ id }) => id);
  const foreign = [...new Set(inUse().map(({ family }) => family))].filter((id) => !known.includes(id));
  const gone = state.kinds.filter((kind) => kind.retired);
  const open = state.kinds.find((kind) => kind.id === state.bookKind);
  return html`
    <main class="book">
      <section class="card book-list" aria-labelledby="book-title">
        <div class="keys-head">
          <h1 id="book-title">${t('book')}</h1>
          ${state.mayEdit && html`<button id="book-new" onClick=${() => openBook(kNewKind)}>${t('book_new')}</button>`}
        </div>
        <p class="soft">${state.mayEdit ? t('book_intro') : t('book_read_only')}</p>
        ${[...known, ...foreign].map((family) => html`<${Family} key=${family} family=${family} />`)}
        ${gone.length > 0 && html`
          <details><summary>${t('book_gone', { n: gone.length })}</summary>
            <ul>${gone.map((kind) => html`<${Row} key=${kind.id} kind=${kind} />`)}</ul>
          </details>`}
        <${People} />
        <p class="soft book-hint">${t('book_keys')}</p>
      </section>
      ${state.bookKind === kNewKind || open
        ? html`<${BookEditor} key=${state.bookKind} kind=${open ?? null} />`
        : html`<section class="card soft book-editor"><p>${t('book_choose')}</p></section>`}
    </main>`;
}

function Family({ family }) {
  const kinds = ofFamily(family);
  if (!kinds.length) return null;
  return html`
    <section aria-labelledby=${`family-${family}`}>
      <h2 id=${`family-${family}`}>${familyLabel(family)}</h2>
      <ul>${kinds.map((kind) => html`<${Row} key=${kind.id} kind=${kind} />`)}</ul>
    </section>`;
}

function Row({ kind }) {
  const holder = kind.retired ? null : holderOf(kind.key);
  const clash = holder && holder !== kind;
  return html`
    <li>
      <button class=${`book-row ${familyClass(kind.id)}`} data-kind=${kind.id} aria-current=${state.bookKind === kind.id ? 'true' : null}
          aria-keyshortcuts=${state.mayEdit && !kind.retired ? 'Alt+ArrowUp Alt+ArrowDown' : null} onClick=${() => openBook(kind.id)}>
        <kbd class=${clash ? 'clash' : ''}>${kind.retired ? '' : keyCap(kind.key) || '–'}</kbd>
        <span class="name"><bdi>${labelOf(kind)}</bdi></span>
        <span class="soft about">${about(kind)}${isDirty(kind.id) && html` <b>${t('book_unsaved')}</b>`}${clash && html` <b class="problem">${t('book_clash')}</b>`}</span>
      </button>
    </li>`;
}

function about(kind) {
  if (kind.merged_into) {
    const root = state.kinds.find(({ id }) => id === kind.merged_into);
    return t('book_merged', { kind: root ? labelOf(root) : kind.merged_into });
  }
  if (kind.retired) return t('book_retired');
  return t(`severity_${Math.min(3, kind.severity)}`);
}

// Up and down go through the rows, with Alt they move the kind; Escape closes what is open, then the page, wherever the focus is.
function keys(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.target.closest('dialog')) return;
  if (event.code === 'Escape') {
    event.preventDefault();
    const id = state.bookKind;
    if (!id) return leaveBook();
    openBook();
    return focusRow(id);
  }
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
  const row = event.target.closest?.('.book-row');
  if (!step || !row) return;
  event.preventDefault();
  if (event.altKey) return move(row.dataset.kind, step);
  const rows = [...document.querySelectorAll('.book-row')].filter((one) => !one.closest('details:not([open])'));
  rows[rows.indexOf(row) + step]?.focus();
}

async function move(id, step) {
  const kind = inUse().find((one) => one.id === id);
  if (!kind) return;
  try {
    await moveKind(kind, step);
  } catch (error) {
    sayRefused(error);
  }
  focusRow(id);
}
