// The last tags of everybody, at every console; and what is so serious that colleagues are told at once.
//
// A tag of severity one is durable like any other, but nobody is alarmed before its listener has had five
// seconds to take it back.
import * as api from './api.js';
import { html } from './dom.js';
import { t } from './i18n.js';
import { keep, kept } from './kept.js';
import { isShown } from './listening.js';
import { clock, dayAndTime } from './names.js';
import { openCall } from './station.js';
import { change, onChange, state } from './store.js';
import { openTag } from './tag_place.js';
import { familyClass, isSerious, kindLabel } from './tagbook.js';

const kGatherMs = 400;       // several tags in a row are one reload
const kHoldMs = 6000;        // five seconds, and one for a retraction on its way
const kStaleMs = 3_600_000;  // older than this it is history, not an alarm

const held = new Map(); // event id -> timer, or null once it was told

const chosen = () => kept('recent', { by: 'all', value: '' });

// What is folded depends on who listens, and on what was heard of the call before.
export function startRecent() {
  let [listener, call] = [state.listener?.id, state.call?.call_id];
  onChange(() => {
    if (listener === state.listener?.id && call === state.call?.call_id) return;
    [listener, call] = [state.listener?.id, state.call?.call_id];
    gathering ||= setTimeout(loadRecent, kGatherMs);
  });
}

let gathering = 0;
export async function loadRecent() {
  gathering = 0;
  const { by, value } = chosen();
  const params = new URLSearchParams({ all: {}, serious: { severity: '1' }, team: { team: value }, queue: { queue: value } }[by]);
  const answer = await api.get(`tags?${params}`).catch(() => null); // an older station has none
  if (answer) change({ recent: answer.tags });
}

// The station told of a tag, new or changed.
export function heardRecent(tag) {
  gathering ||= setTimeout(loadRecent, kGatherMs);
  const wanted = isSerious(tag.kind) && !tag.retracted;
  if (!wanted) return calm(tag.event_id);
  const mine = tag.listener?.id === state.listener?.id;
  if (mine || held.has(tag.event_id) || Date.now() - new Date(tag.at) > kStaleMs) return;
  held.set(tag.event_id, setTimeout(() => {
    held.set(tag.event_id, null);
    change({ serious: [...state.serious, tag] });
  }, kHoldMs));
}

function calm(id) {
  clearTimeout(held.get(id));
  held.delete(id);
  if (state.serious.some((tag) => tag.event_id === id)) dismiss(id);
}

const dismiss = (id) => change({ serious: state.serious.filter((tag) => tag.event_id !== id) });

export function SeriousTags() {
  return html`
    <div class="alarms serious" role="alert">
      ${state.serious.map((tag) => html`
        <p class="alarm" key=${tag.event_id}>
          <span><b>${kindLabel(tag.kind)}</b> <${Where} tag=${tag} /></span>
          <span class="acts">
            <button onClick=${() => { dismiss(tag.event_id); openTag(tag); }}>${t('serious_open')}</button>
            <button onClick=${() => dismiss(tag.event_id)}>${t('dismiss')}</button>
          </span>
        </p>`)}
    </div>`;
}

const Where = ({ tag }) => html`<bdi>${tag.listener?.name}</bdi>${tag.queue && html` · <bdi class="queue">${tag.queue}</bdi>`} · <span class="num">${clock(tag.position_ms)}</span>`;

export function Recent() {
  const shown = state.recent.filter((tag) => !held.get(tag.event_id));
  return html`
    <section class="card recent" aria-labelledby="recent-title">
      <div class="keys-head"><h2 id="recent-title">${t('recent')}</h2><${Choice} /></div>
      ${shown.length === 0 && html`<p class="soft">${t('recent_none')}</p>`}
      <ol id="recent">${shown.map((tag) => (isFoldedHere(tag) ? html`<${Folded} key=${tag.event_id} tag=${tag} />` : html`
        <li key=${tag.event_id} class=${familyClass(tag.kind)} data-kind=${tag.kind}>
          <button class="quiet" onClick=${() => openTag(tag)}><b>${kindLabel(tag.kind)}</b>
            <span class="soft"><${Where} tag=${tag} /></span> <span class="soft"><bdi>${dayAndTime(tag.at)}</bdi></span></button>
        </li>`))}
      </ol>
    </section>`;
}

// What the page knows of the open call is newer than what the station said of its tags.
function isFoldedHere(tag) {
  if (isSerious(tag.kind)) return false; // to be acted upon at once, whoever heard it
  return tag.call_id === state.call?.call_id ? !isShown(tag) : tag.folded;
}

// That somebody tagged, and not what or where.
const Folded = ({ tag }) => html`
  <li class="folded">
    <button class="quiet" onClick=${() => openCall(tag.call_id)}><span>${t('recent_folded')}</span>
      <span class="soft"><bdi>${tag.listener?.name}</bdi>${tag.queue && html` · <bdi class="queue">${tag.queue}</bdi>`}</span>
      <span class="soft"><bdi>${dayAndTime(tag.at)}</bdi></span></button>
  </li>`;

// The team and the queue are those of the open call; a chosen one stays in the list.
function Choice() {
  const now = chosen();
  const options = [{ by: 'all', value: '' }, { by: 'serious', value: '' }];
  if (now.value) options.push(now);
  for (const by of ['team', 'queue']) {
    const value = state.call?.[by];
    if (value && !(now.by === by && now.value === value)) options.push({ by, value });
  }
  const pick = (event) => {
    keep('recent', options[event.target.selectedIndex]);
    event.target.blur();
    loadRecent();
  };
  return html`
    <select aria-label=${t('recent_which')} onChange=${pick}>
      ${options.map(({ by, value }) => html`<option selected=${by === now.by && value === now.value}>${t(`recent_${by}`, { value })}</option>`)}
    </select>`;
}
