// The note field under the keys: a word about one tag. Which tag is settled when the field gets the
// focus, so that nothing that happens meanwhile moves the words to another one. Enter or leaving the
// field saves, Escape leaves it as it was. Composing (Korean) owns its own Enter.
import { Component, createRef, html } from './dom.js';
import { t } from './i18n.js';
import { clock } from './names.js';
import { change, state } from './store.js';
import { kindLabel } from './tagbook.js';
import * as tags from './tags.js';

const kMaxNote = 1000; // UTF-16 units: at most 3,000 bytes, below the station's 4,096

let field = null; // the one field on the page

export function focusNote(eventId = null) {
  const tag = eventId ? state.tags.find((other) => other.event_id === eventId) : tags.lastOwn();
  if (!field || !tag) return change({ line: { text: t('note_none') }, said: t('note_none') });
  field.begin(tag.event_id);
}

export class NoteField extends Component {
  input = createRef();
  eventId = null; // of the tag that is being written about
  text = '';

  componentDidMount() {
    field = this;
  }

  componentWillUnmount() {
    this.finish();
    if (field === this) field = null;
  }

  begin(eventId) {
    this.finish();
    this.eventId = eventId;
    this.text = tagById(eventId)?.note ?? '';
    this.setState({}, () => this.input.current?.focus());
  }

  // Saves what was typed, if it says something new.
  finish() {
    const tag = tagById(this.eventId);
    const text = this.text.trim();
    this.forget();
    if (tag && text !== (tag.note ?? '')) tags.setNote(tag, text);
  }

  forget() {
    this.eventId = null;
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
    const tag = this.eventId ? null : tags.lastOwn();
    if (tag) this.begin(tag.event_id);
  };

  typed = (event) => {
    this.text = event.target.value;
    this.setState({});
  };

  render() {
    const tag = tagById(this.eventId) ?? tags.lastOwn();
    const hint = tag ? t('note_for', { kind: kindLabel(tag.kind), at: clock(tag.position_ms) }) : t('note_none');
    return html`
      <input id="note" ref=${this.input} dir=${this.text ? 'auto' : null} maxlength=${kMaxNote} autocomplete="off" enterkeyhint="done"
        disabled=${!tag} value=${this.text} placeholder=${hint} aria-label=${hint}
        onFocus=${this.focused} onBlur=${() => this.finish()} onKeyDown=${this.keys} onInput=${this.typed} />`;
  }
}

const tagById = (eventId) => state.tags.find((tag) => tag.event_id === eventId) ?? null;
