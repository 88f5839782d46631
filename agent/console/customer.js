// What this customer's other calls were tagged with, beside the player: what we owe first, then what went
// wrong. Folded until the call was heard, as others' tags are: who knows what others found hears that.
import * as api from './api.js';
import { createRef, focusTitle, html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { isFolded, openEarly } from './listening.js';
import { dayAndTime } from './names.js';
import { change, onChange, state } from './store.js';
import { openTag } from './tag_place.js';
import { familyClass, kindLabel } from './tagbook.js';
import { uuid7 } from './uuid7.js';
import { whyText } from './why.js';

const kAgainMs = 5000;

let read = ''; // the call it was read for
let again = 0;

export function startCustomer() {
  onChange(() => {
    const id = state.call?.call_id ?? '';
    if (id === read) return;
    read = id;
    clearTimeout(again);
    change({ customer: null });
    asked++;
    if (id) loadCustomer();
  });
}

let asked = 0; // the last question's answer counts
let back = 0;  // how often the link came back

export async function loadCustomer() {
  clearTimeout(again);
  const [mine, before] = [++asked, back];
  const customer = await api.get(`${api.callPath(read)}/customer`).catch(() => ({ state: 'away', promises: [], problems: [] }));
  if (mine !== asked) return;
  if (customer.state === 'away' && back !== before) return loadCustomer();
  change({ customer });
  // What is delivered has a line of its own, which may be there before the one that is asked.
  if (customer.state === 'away' && state.link.state === 'up') again = setTimeout(loadCustomer, kAgainMs);
}

// The collector can be asked again: now, or when the answer on its way does not know that yet.
export function linkIsBack() {
  back++;
  if (state.customer?.state === 'away') loadCustomer();
}

// Answered once it is durable; sent again it is the same event.
async function keep(tag) {
  tag.keeping ??= uuid7();
  try {
    await api.post(`tags/${tag.event_id}/kept`, { event_id: tag.keeping });
  } catch (error) {
    return change({ line: { text: whyText(error) }, said: whyText(error) });
  }
  const customer = state.customer && { ...state.customer, promises: state.customer.promises.filter(({ event_id: id }) => id !== tag.event_id) };
  change({ customer, said: t('past_kept', { kind: kindLabel(tag.kind) }) });
  const at = document.activeElement; // who went on meanwhile stays there
  if (at === document.body || at.closest(`#past [data-event-id="${tag.event_id}"]`)) title.current?.focus();
}

const title = createRef();

// The key: what can be read, or what would show it.
export function focusCustomer() {
  const card = title.current?.closest('section');
  (card?.querySelector('button') ?? title.current)?.focus();
}

export function CustomerPast() {
  const { customer } = state;
  if (!customer || customer.state === 'unknown') return null;
  return html`
    <section class="card past" id="past" aria-labelledby="past-title">
      <h2 id="past-title" tabindex="-1" ref=${title}>${t('past')}</h2>
      ${isFolded()
        ? html`<p class="soft folded">${t('past_folded')} <button class="small" id="unfold-past" onMouseDown=${keepFocus} onClick=${(event) => { focusTitle(event); openEarly(); }}>${t('unfold')}</button></p>`
        : html`<${Lists} customer=${customer} />`}
    </section>`;
}

function Lists({ customer }) {
  const { promises, problems, more } = customer;
  if (customer.state === 'away') {
    return html`<p class="soft">${t('past_away')} <button class="small" onMouseDown=${keepFocus} onClick=${loadCustomer}>${t('try_again')}</button></p>`;
  }
  return html`
    ${customer.state === 'alone' && html`<p class="soft">${t('past_alone')}</p>`}
    ${!promises.length && !problems.length && html`<p class="soft">${t('past_none')}</p>`}
    <${List} name="promises" tags=${promises} />
    <${List} name="problems" tags=${problems} />
    ${more && html`<p class="soft">${t('past_more')}</p>`}`;
}

function List({ name, tags }) {
  if (!tags.length) return null;
  return html`
    <h3>${t(`past_${name}`, { n: tags.length })}</h3>
    <ol class=${name}>${tags.map((tag) => html`
      <li key=${tag.event_id} class=${familyClass(tag.kind)} data-event-id=${tag.event_id}>
        <button class="quiet" onClick=${() => openTag(tag)}><b>${kindLabel(tag.kind)}</b>
          <span class="soft">${tag.queue && html`<bdi class="queue">${tag.queue}</bdi> · `}<bdi>${dayAndTime(tag.started_at ?? tag.at)}</bdi></span></button>
        ${name === 'promises' && html`<button class="small kept" aria-label=${`${t('past_keep')}: ${kindLabel(tag.kind)}, ${dayAndTime(tag.started_at ?? tag.at)}`} onClick=${() => keep(tag)}>${t('past_keep')}</button>`}
        ${tag.note && html`<p class="words"><bdi dir="auto">${tag.note}</bdi></p>`}
      </li>`)}
    </ol>`;
}
