// Changing a tag where it stands in the list, by keyboard or mouse: kind, stretch, words; and what was
// changed before, by whom and when.
import * as api from './api.js';
import { Component, createRef, html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { clock, dayAndTime } from './names.js';
import { kMaxNote } from './note.js';
import * as player from './player.js';
import { change, state } from './store.js';
import { kindLabel } from './tagbook.js';
import * as tagging from './tagging.js';
import * as tags from './tags.js';
import { Why } from './why.js';

const kNudgeMs = 500;
const kLeapMs = 5000;

const precise = (ms) => `${clock(ms)}.${Math.floor((ms % 1000) / 100)}`;

export function editLast() {
  const tag = tags.lastOwn();
  if (!tag) return change({ line: { text: t('note_none') }, said: t('note_none') });
  change({ editing: tag.event_id });
}

export class TagEdit extends Component {
  form = createRef();
  state = { kind: this.props.tag.kind, start_ms: this.props.tag.start_ms, end_ms: this.props.tag.end_ms, note: this.props.tag.note ?? '' };

  componentDidMount() {
    this.form.current.querySelector('select').focus();
  }

  close = () => {
    const { event_id: id } = this.props.tag;
    change({ editing: null });
    queueMicrotask(() => document.querySelector(`[data-event-id="${id}"] .edit`)?.focus());
  };

  save = (event) => {
    event.preventDefault();
    const { tag } = this.props;
    const fields = { ...this.state, note: this.state.note.trim() };
    for (const field of Object.keys(fields)) if (fields[field] === (tag[field] ?? '')) delete fields[field];
    if (Object.keys(fields).length) tagging.revise(tag, fields);
    this.close();
  };

  keys = (event) => {
    if (event.isComposing || event.key !== 'Escape') return;
    event.stopPropagation();
    this.close();
  };

  // Neither end passes the other, nor the call's.
  move(end, byMs) {
    const { start_ms: from, end_ms: to } = this.state;
    const moved = Math.round(Math.max(0, this.state[end] + byMs));
    this.setState({ [end]: end === 'start_ms' ? Math.min(moved, to) : Math.min(Math.max(moved, from), Math.max(to, player.durationMs())) });
  }

  nudge = (end) => (event) => {
    const by = { ArrowLeft: -kNudgeMs, ArrowDown: -kNudgeMs, ArrowRight: kNudgeMs, ArrowUp: kNudgeMs, PageDown: -kLeapMs, PageUp: kLeapMs }[event.key];
    if (event.key === 'Enter') return this.save(event);
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(end, by);
  };

  place(end, label) {
    const ms = this.state[end];
    return html`
      <span class="place-edit" dir="ltr">
        <button type="button" tabindex="-1" aria-label=${`${label} −0.5 s`} onMouseDown=${keepFocus} onClick=${() => this.move(end, -kNudgeMs)}>−</button>
        <span role="spinbutton" tabindex="0" class="num" id=${end} aria-label=${label} aria-valuenow=${ms / 1000} aria-valuetext=${precise(ms)}
          onKeyDown=${this.nudge(end)}>${precise(ms)}</span>
        <button type="button" tabindex="-1" aria-label=${`${label} +0.5 s`} onMouseDown=${keepFocus} onClick=${() => this.move(end, kNudgeMs)}>+</button>
      </span>`;
  }

  render(_, { kind, note }) {
    const kinds = state.kinds.filter((one) => !one.retired || one.id === kind);
    return html`
      <form class="edit-form" ref=${this.form} onSubmit=${this.save} onKeyDown=${this.keys}>
        <select aria-label=${t('edit_kind')} value=${kind} onChange=${(event) => this.setState({ kind: event.target.value })}>
          ${kinds.map(({ id }) => html`<option key=${id} value=${id} selected=${id === kind}>${kindLabel(id)}</option>`)}
        </select>
        <p class="stretch"><span class="soft">${t('edit_from')}</span> ${this.place('start_ms', t('edit_from'))}
          <span class="soft">${t('edit_to')}</span> ${this.place('end_ms', t('edit_to'))}</p>
        <input dir=${note ? 'auto' : null} aria-label=${t('note')} placeholder=${t('note')} maxlength=${kMaxNote} autocomplete="off" value=${note}
          onInput=${(event) => this.setState({ note: event.target.value })} />
        <p class="acts"><button class="primary">${t('edit_keep')}</button><button type="button" onClick=${this.close}>${t('cancel')}</button></p>
      </form>`;
  }
}

// What was done to a tag, read when it is looked at and again when it was changed meanwhile.
export class TagHistory extends Component {
  state = { changes: [], why: '' };

  componentDidMount() {
    this.read();
  }

  componentDidUpdate(before) {
    if (before.revisions !== this.props.revisions) this.read();
  }

  async read() {
    try {
      const { history } = await api.get(`tags/${encodeURIComponent(this.props.id)}/history`);
      this.setState({ changes: history, why: '' });
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.setState({ why: error });
    }
  }

  render(_, { changes, why }) {
    return html`
      <ol class="history">
        ${why && html`<li class="problem"><${Why} of=${why} /></li>`}
        ${changes.map((one) => html`
          <li key=${one.event_id}><span class="soft"><bdi>${dayAndTime(one.at)}</bdi> · <bdi>${one.listener.name}</bdi></span> ${done(one).map((text) => html`<span>${text}</span> `)}</li>`)}
      </ol>`;
  }
}

function done(one) {
  if (one.what === 'retracted') return [t('history_retracted')];
  return [
    one.kind && kindLabel(one.kind),
    one.start_ms !== undefined && one.end_ms !== undefined && t('history_stretch', { from: precise(one.start_ms), to: precise(one.end_ms) }),
    one.start_ms !== undefined && one.end_ms === undefined && t('history_from', { from: precise(one.start_ms) }),
    one.end_ms !== undefined && one.start_ms === undefined && t('history_to', { to: precise(one.end_ms) }),
    one.note && `“${one.note}”`,
    one.note === '' && one.what === 'revised' && t('history_no_note'),
  ].filter(Boolean);
}
