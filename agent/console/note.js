// The note field under the keys: a word about one tag. Which tag is settled when the field gets the
// focus, so that nothing that happens meanwhile moves the words to another one. Enter or leaving the
// field saves, Escape leaves it as it was. Composing (Korean) owns its own Enter. What is typed outlives a
// reload of the page.
import { Component, createRef, html } from './dom.js';
import { t } from './i18n.js';
import { keep, kept } from './kept.js';
import { clock } from './names.js';
import { change, state } from './store.js';
import { kindLabel } from './tagbook.js';
import { revise } from './tagging.js';
import * as tags from './tags.js';

export const kMaxNote = 1000; // UTF-16 units: at most 3,000 bytes, below the station's 4,096

let field = null; // the one field on the page

export function focusNote(eventId = null) {
  const tag = eventId ? tagById(eventId) : tags.lastOwn();
  if (!field || !tag) return change({ line: { text: t('note_none') }, said: t('note_none') });
  field.begin(tag);
}

export class NoteField extends Component {
  input = createRef();
  tag = null; // that is being written about
  text = '';

  componentDidMount() {
    field = this;
    this.resume();
  }

  componentDidUpdate() {
    if (this.tag && this.tag.call_id !== state.call?.call_id) this.input.current.blur();
    else this.resume();
  }

  componentWillUnmount() {
    this.finish();
    if (field === this) field = null;
  }

  begin(tag, text = tag.note ?? '') {
    this.finish();
    this.tag = tag;
    this.text = text;
    this.setState({}, () => this.input.current?.focus());
  }

  // Goes on with what was being typed when the page went away.
  resume() {
    const draft = this.tag ? null : kept('draft', null, sessionStorage);
    const tag = draft && tagById(draft.event_id);
    if (tag) this.begin(tag, draft.text);
  }

  // Saves what was typed, if it says something new.
  finish() {
    const { tag } = this;
    const text = this.text.trim();
    this.forget();
    if (tag && text !== (tag.note ?? '')) revise(tag, { note: text });
  }

  forget() {
    if (this.tag) keep('draft', null, sessionStorage);
    this.tag = null;
    this.text = '';
    this.setState({});
  }

  keys = (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape') this.forget();
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    this.input.current.blur();
  };

  focused = () => {
    const tag = this.tag ? null : tags.lastOwn();
    if (tag) this.begin(tag);
  };

  typed = (event) => {
    this.text = event.target.value;
    keep('draft', { event_id: this.tag?.event_id, text: this.text }, sessionStorage);
    this.setState({});
  };

  render() {
    const tag = this.tag ?? tags.lastOwn();
    const hint = tag ? t('note_for', { kind: kindLabel(tag.kind), at: clock(tag.position_ms) }) : t('note_none');
    return html`
      <input id="note" ref=${this.input} dir=${this.text ? 'auto' : null} maxlength=${kMaxNote} autocomplete="off" enterkeyhint="done"
        disabled=${!tag} value=${this.text} placeholder=${hint} aria-label=${hint}
        onFocus=${this.focused} onBlur=${() => this.finish()} onKeyDown=${this.keys} onInput=${this.typed} />`;
  }
}

const tagById = (eventId) => state.tags.find((tag) => tag.event_id === eventId) ?? null;
