// The tags of the open call: place, kind, note, who, and whether each is saved here and sent.
import { focusTitle, html, keepFocus, Steady } from './dom.js';
import { lang, t } from './i18n.js';
import { clock } from './names.js';
import { isFolded, isShown, openEarly } from './listening.js';
import { focusNote } from './note.js';
import * as player from './player.js';
import { clipAddress } from './share.js';
import { change, state } from './store.js';
import { familyClass, familyLabel, kindById, kindLabel } from './tagbook.js';
import { TagEdit, TagHistory } from './tag_edit.js';
import * as tagging from './tagging.js';
import * as tags from './tags.js';
import { Why } from './why.js';

const kLongNote = 200; // from here on it may be scrolled, so a keyboard reaches it

export function Heard() {
  const shown = state.tags.filter(isShown);
  return html`
    <section class="card" aria-labelledby="heard-title">
      <h2 id="heard-title" tabindex="-1">${t('heard')}</h2>
      ${shown.length === 0 && html`<p class="soft">${t('heard_none')}</p>`}
      ${isFolded() && html`<p class="soft folded">${t('folded')} <button class="small" id="unfold" onMouseDown=${keepFocus} onClick=${(event) => { focusTitle(event); openEarly(); }}>${t('unfold')}</button></p>`}
      <ol class="tags" id="tags">${shown.map((tag) => html`<${Tag} key=${tag.event_id} ...${propsOf(tag)} />`)}</ol>
    </section>`;
}

// All that a tag's entry shows. The tag itself changes in place.
const kShown = ['kind', 'position_ms', 'start_ms', 'end_ms', 'note', 'closed_by_leaving', 'revisions'];

function propsOf(tag) {
  const failed = tags.pendingOf(tag.event_id)?.failed;
  return {
    tag, mine: tags.isMine(tag), what: tags.stateOf(tag), name: tag.listener?.name, why: failed?.error, final: failed?.final,
    editing: state.editing === tag.event_id, history: state.history === tag.event_id,
    live: state.call.live, kinds: state.kinds, families: state.families, language: lang(),
    ...Object.fromEntries(kShown.map((field) => [field, tag[field]])),
  };
}

class Tag extends Steady {
  shouldComponentUpdate(next) {
    return next.editing || super.shouldComponentUpdate(next);
  }

  render({ tag, mine, what, editing, history, live }) {
    const at = clock(tag.position_ms);
    const kind = kindLabel(tag.kind);
    const family = kindById(tag.kind)?.family;
    const lost = what === 'unsaved' || what === 'not-undone';
    return html`
      <li class=${`tag ${familyClass(tag.kind)} ${lost ? 'lost' : ''}`} data-state=${what} data-kind=${tag.kind} data-event-id=${tag.event_id}>
        <button class="go" title=${t('tag_go', { at: clock(tag.start_ms) })}
            onMouseDown=${keepFocus} onClick=${() => player.playFrom(tag.start_ms)}>
          <span class="num soft">${at}</span>${' '}<b title=${family ? familyLabel(family) : null}>${kind}</b>
        </button>
        <${Mark} what=${what} />
        ${tag.closed_by_leaving && html`<p class="soft words left-open">${t('left_open')}</p>`}
        ${tag.note && html`<p class="words" tabindex=${tag.note.length > kLongNote ? 0 : null}><bdi dir="auto">${tag.note}</bdi></p>`}
        ${lost && html`<${Lost} tag=${tag} />`}
        <div class="foot">
          <span class="soft"><bdi>${mine ? t('you') : tag.listener?.name}</bdi></span>
          ${!live && ['saved', 'delivered'].includes(what) && html`<a class="small" href=${clipAddress(tag)} download aria-label=${`${t('clip')}: ${kind}, ${at}`}>${t('clip')}</a>`}
          ${mine && !lost && what !== 'undoing' && html`
            <button class="quiet small" onMouseDown=${keepFocus} aria-label=${`${t('note')}: ${kind}, ${at}`} onClick=${() => focusNote(tag.event_id)}>${t('note')}</button>
            <button class="quiet small" onMouseDown=${keepFocus} aria-label=${`${t('undo')}: ${kind}, ${at}`} onClick=${() => tagging.retract(tag)}>${t('undo')}</button>`}
          ${!lost && what !== 'undoing' && html`
            <button class="quiet small edit" aria-expanded=${String(editing)} aria-label=${`${t('edit')}: ${kind}, ${at}`} onClick=${() => change({ editing: editing ? null : tag.event_id })}>${t('edit')}</button>`}
        </div>
        ${tag.revisions > 0 && html`
          <button class="quiet small history-show" aria-expanded=${String(history)}
            onClick=${() => change({ history: history ? null : tag.event_id })}>${t('history_show', { n: tag.revisions })}</button>`}
        ${history && html`<${TagHistory} id=${tag.event_id} revisions=${tag.revisions} />`}
        ${editing && html`<${TagEdit} tag=${tag} />`}
      </li>`;
  }
}

// One tick: on this machine's disk. Two: in the store.
function Mark({ what }) {
  if (what === 'delivered') return html`<span class="mark good" title=${t('sent_why')}><i aria-hidden="true">✓✓</i> ${t('sent')}</span>`;
  if (what === 'saved') return html`<span class="mark" title=${t('saved_why')}><i aria-hidden="true">✓</i> ${t('saved')}</span>`;
  if (what === 'saving') return html`<span class="mark">${t('saving')}</span>`;
  if (what === 'undoing') return html`<span class="mark">${t('undoing')}</span>`;
  return html`<span class="mark bad">${what === 'unsaved' ? t('not_saved') : t('not_undone')}</span>`;
}

function Lost({ tag }) {
  const { error, final } = tags.pendingOf(tag.event_id).failed;
  return html`
    <p class="why"><${Why} of=${error} /></p>
    <p class="acts">
      <button onMouseDown=${keepFocus} onClick=${() => tags.retry(tag.event_id)}>${t('try_again')}</button>
      ${final && html`<button onMouseDown=${keepFocus} onClick=${() => tags.discard(tag.event_id)}>${t('discard')}</button>`}
    </p>`;
}
