// What the pages of the listening hour have in common: their addresses (#/hour, #/thanks, #/cadence), the way from
// one to another, and Escape, which leads back to the calls.
import { leaveBook } from './book_address.js';
import { Component, html } from './dom.js';
import { t } from './i18n.js';
import { state } from './store.js';

const kShown = ['hour', 'thanks', 'cadence'];

export const isHourPage = () => kShown.includes(state.view);
export const pageAddress = (name, id = '') => `#/${name}${id && `/${id}`}`;
export const openPage = (name, id) => { location.hash = pageAddress(name, id); };

export class HourPage extends Component {
  componentDidMount() {
    addEventListener('keydown', keys);
    requestAnimationFrame(() => document.activeElement === document.body && document.querySelector('.hour-page h1')?.focus());
  }

  // Who was in here goes on at the player; while the hour is under way, where Enter is still free to go on to the next call.
  componentWillUnmount() {
    removeEventListener('keydown', keys);
    requestAnimationFrame(() => state.view === 'desk' && document.activeElement === document.body &&
      (document.getElementById('hour-strip-title') ?? document.getElementById('play'))?.focus());
  }

  render({ children }) {
    return html`
      <main class="hour-page">
        ${state.view !== 'mine' && html`
          <nav class="hour-nav" aria-label=${t('hour_pages')}>
            ${kShown.map((name) => html`<a key=${name} href=${pageAddress(name)} aria-current=${state.view === name ? 'page' : null}>${t(name)}</a>`)}
          </nav>`}
        ${children}
      </main>`;
  }
}

// Escape goes one step back: from a note to the hour, from a page to the calls; out of a field first.
function keys(event) {
  if (event.code !== 'Escape' || event.isComposing || state.help || state.askListener || state.view === 'mine' || event.target.closest('dialog')) return;
  event.preventDefault();
  if (event.target.matches('input, textarea, select')) event.target.blur();
  else if (state.pageId) openPage('hour');
  else leaveBook();
}
