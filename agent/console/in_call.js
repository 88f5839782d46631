// From a moment to its place in the call. A plain click stays in this page; any other is the browser's own.
import { html } from './dom.js';
import { momentLink } from './fragment.js';
import { t } from './i18n.js';
import { openFromAddress } from './station.js';

function open(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', event.currentTarget.getAttribute('href'));
  openFromAddress();
}

// name: of what is there, for who does not see what stands beside it.
export function InCall({ tag, name }) {
  if (tag.here === false) return null;
  return html`<a class="small" href=${momentLink('', tag.call_id, tag.start_ms, tag.end_ms)} aria-label=${`${t('note_in_call')}: ${name}`} onClick=${open}>${t('note_in_call')}</a>`;
}
