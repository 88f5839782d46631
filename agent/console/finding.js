// Finding a call: the search field, the filters under it, and in each row where the search was found.
import { narrow, readChoices, search } from './calls_station.js';
import { html, keepFocus } from './dom.js';
import { aroundFirstMark, isFiltered, kDays, pieces } from './filters.js';
import { t } from './i18n.js';
import { languageName, queueName } from './names.js';
import { plain } from './plain.js';
import { state } from './store.js';
import { kindLabel } from './tagbook.js';

export function Finding() {
  const { search: sought, calls, filters, callsLoading, callsError } = state;
  // While it is not known whether there are calls, who writes in the field must not lose it.
  if (!calls.length && !sought && !isFiltered(filters) && !callsLoading && !callsError) return null;
  const onlyUnheard = filters.heard === 'false';
  return html`
    <search>
      <input type="search" dir=${sought ? 'auto' : null} value=${sought} aria-label=${t('calls_find')} placeholder=${t('calls_find')}
          title=${t('calls_find_hint')} maxlength="200" onInput=${(event) => search(event.target.value)} />
      <button class="small" id="unheard" aria-pressed=${String(onlyUnheard)} onClick=${() => narrow({ heard: onlyUnheard ? '' : 'false' })}>${t('only_unheard')}</button>
      <${Filters} />
    </search>`;
}

function Filters() {
  const { filters, choices, kinds } = state;
  const count = Object.values(filters).filter(Boolean).length;
  const control = (name, options) => html`
    <label><span>${t(`filter_${name}`)}</span>
      <select name=${name} value=${filters[name]} onChange=${(event) => narrow({ [name]: event.target.value })}>
        <option value="">${t('filter_any')}</option>
        ${options.map(([value, label]) => html`<option value=${value} selected=${value === filters[name]}>${label}</option>`)}
      </select></label>`;
  return html`
    <details class="filters" onToggle=${(event) => event.target.open && readChoices()}>
      <summary onMouseDown=${keepFocus}>${t('filters')}${count > 0 && html` <b class="num">${count}</b>`}</summary>
      <div>
        ${control('queue', choices.queues.map((queue) => [queue, queue]))}
        ${control('kind', kinds.filter(({ merged_into: into }) => !into).map(({ id }) => [id, kindLabel(id)]))}
        ${control('language', choices.languages.map((code) => [code, languageName(code)]))}
        ${control('days', kDays.map((days) => [days, t(days === '1' ? 'filter_today' : 'filter_last_days', { n: Number(days) })]))}
        ${control('heard', [['false', t('only_unheard')], ['true', t('heard_mark')]])}
        ${count > 0 && html`<button class="small" onClick=${letGo}>${t('filter_none')}</button>`}
      </div>
    </details>`;
}

// The button goes with the last filter: the focus stays beside it.
function letGo({ currentTarget }) {
  currentTarget.closest('details').querySelector('summary').focus();
  narrow(null);
}

const marked = ({ text, marks }) => pieces(text, marks).map(([piece, found]) => (found ? html`<mark>${plain(piece)}</mark>` : plain(piece)));
const isOfQueue = ({ field }) => field === 'queue';
const isOfTags = ({ field }) => field === 'note' || field === 'kind';

// The queue stands in the row anyway and is marked there.
export function Queue({ call }) {
  const match = call.matches?.find(isOfQueue);
  return html`<bdi class="queue">${match ? marked(match) : queueName(call)}</bdi>`;
}

// One line: the first other place. What is in the tags of a call that was not heard is not told.
export function Found({ call, heard }) {
  const matches = (call.matches ?? []).filter((match) => !isOfQueue(match));
  const told = heard || call.live ? matches : matches.filter((match) => !isOfTags(match));
  const inTags = told.length < matches.length;
  if (!matches.length) return null;
  return html`
    <span class="found soft">
      ${told.length > 0 && html`<bdi>${marked(aroundFirstMark(told[0]))}</bdi>`}
      ${inTags && html`${told.length > 0 && ' · '}${t('found_in_tags')}`}
    </span>`;
}
