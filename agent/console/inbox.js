// The watched folders: how many recordings are still to be taken in, what stands in the way, and which were
// not taken, each once, with the reason.
import * as api from './api.js';
import { html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { dayAndTime } from './names.js';
import { change, state } from './store.js';

const kShown = 3; // the rest unfolds

// The reason in the language of the page; the station's own words follow it.
const kReasons = {
  E_TYPE: 'type', E_CODEC: 'type', E_EMPTY: 'empty', E_SHORT: 'damaged', E_HEADER: 'damaged', E_CHUNKS: 'damaged',
  E_DECODER: 'damaged', E_MEMORY: 'damaged', E_LONG: 'long', E_FACTS: 'facts', E_ACCESS: 'access',
};

let reading = false;
let again = false; // something was told while it was read

export async function loadInbox() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  const answer = await api.get('inbox').catch(() => null); // an older station has none
  reading = false;
  if (answer) change({ inboxes: answer.inboxes });
  if (!again) return;
  again = false;
  loadInbox();
}

// The event leaves the refused out: they are read again when there may be others.
export function heardInbox(told) {
  const known = new Map(state.inboxes.map((inbox) => [inbox.path, inbox]));
  const settled = (inbox, before) => inbox.state === 'watching' && before?.state !== 'watching';
  const stale = told.some((inbox) => {
    const before = known.get(inbox.path);
    return inbox.refused_count !== (before?.refused_count ?? 0) || settled(inbox, before);
  });
  change({ inboxes: told.map((inbox) => ({ ...inbox, refused: known.get(inbox.path)?.refused ?? [] })) });
  if (stale) loadInbox();
}

export function Inbox() {
  const busy = state.inboxes.filter(({ state: what }) => what !== 'watching');
  const refused = state.inboxes.flatMap(({ path, refused: files }) => files.map((file) => ({ ...file, path })))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  if (!busy.length && !refused.length) return null;
  return html`
    <section class="card inbox" aria-labelledby="inbox-title">
      <h2 id="inbox-title">${t('inboxes')}</h2>
      ${busy.length > 0 && html`<ul>${busy.map((inbox) => html`<${Folder} key=${inbox.path} inbox=${inbox} />`)}</ul>`}
      ${refused.length > 0 && html`<${Refused} files=${refused} />`}
    </section>`;
}

function Folder({ inbox: { path, state: what, message, waiting } }) {
  return html`
    <li class="folder" data-state=${what}>
      <b><bdi dir="ltr" title=${path}>${path.split('/').filter(Boolean).at(-1) ?? path}</bdi></b>
      ${what === 'taking' && html` <span class="soft">${t('inbox_taking', { n: waiting })}</span>`}
      ${what !== 'taking' && html`
        <p class="problem">${t(what === 'missing' ? 'inbox_missing' : 'inbox_trouble')}</p>
        <p class="soft"><bdi lang="en" dir="auto">${message}</bdi></p>`}
    </li>`;
}

function Refused({ files }) {
  const count = state.inboxes.reduce((sum, inbox) => sum + inbox.refused_count, 0);
  const more = files.slice(kShown);
  const list = (some) => html`<ul>${some.map((file) => html`<${File} key=${`${file.path}/${file.name}`} file=${file} />`)}</ul>`;
  return html`
    <div class="refused">
      <h3>${t('refused', { n: count })}</h3>
      ${list(files.slice(0, kShown))}
      ${more.length > 0 && html`<details><summary onMouseDown=${keepFocus}>${t('refused_more', { n: more.length })}</summary>${list(more)}</details>`}
    </div>`;
}

function File({ file }) {
  const reason = kReasons[file.code];
  return html`
    <li>
      <b><bdi dir="ltr" title=${file.path}>${file.name}</bdi></b> <span class="soft">${dayAndTime(file.at)}</span>
      ${reason && html`<p>${t(`refused_${reason}`)}</p>`}
      <p class="soft"><bdi lang="en" dir="auto">${file.message}</bdi></p>
    </li>`;
}
