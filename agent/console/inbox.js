// Recordings that the watched folders did not take, each once, with the reason.
import * as api from './api.js';
import { html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { dayAndTime } from './names.js';
import { change, state } from './store.js';

const kShown = 5; // the rest unfolds

export async function loadInbox() {
  const answer = await api.get('inbox').catch(() => null); // an older station has none
  if (answer) change({ inboxes: answer.inboxes });
}

export function Inbox() {
  const refused = state.inboxes.flatMap(({ path, refused: files }) => files.map((file) => ({ ...file, path })))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  if (!refused.length) return null;
  const more = refused.slice(kShown);
  return html`
    <section class="card refused" aria-labelledby="refused-title">
      <h2 id="refused-title">${t('refused', { n: refused.length })}</h2>
      <ul>${refused.slice(0, kShown).map((file) => html`<${File} key=${`${file.path}/${file.name}`} file=${file} />`)}</ul>
      ${more.length > 0 && html`
        <details><summary onMouseDown=${keepFocus}>${t('refused_more', { n: more.length })}</summary>
          <ul>${more.map((file) => html`<${File} key=${`${file.path}/${file.name}`} file=${file} />`)}</ul>
        </details>`}
    </section>`;
}

function File({ file }) {
  return html`
    <li>
      <b><bdi dir="ltr" title=${file.path}>${file.name}</bdi></b> <span class="soft">${dayAndTime(file.at)}</span>
      <p class="soft"><bdi dir="auto">${file.message}</bdi></p>
    </li>`;
}
