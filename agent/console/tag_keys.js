// The key panel: the physical rows of the keyboard, left to right in every language, so that the screen
// and the hand agree. Kinds that are not shown keep their place free.
import { Cap } from './cap.js';
import { Component, html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { codeOfKind, isOff, setOff } from './keymap.js';
import { clock } from './names.js';
import { NoteField } from './note.js';
import { Seconds } from './seconds.js';
import { change, state } from './store.js';
import { canFold, familyClass, hiddenCount, hintOf, keyOf, kindLabel, panelRows } from './tagbook.js';
import * as tagging from './tagging.js';

export function TagKeys() {
  const hidden = hiddenCount();
  const asleep = isOff() ? 'keys_off' : state.typing ? 'keys_asleep' : '';
  const switchKeys = () => { setOff(!isOff()); change({}); };
  const fold = () => change({ allKeys: !state.allKeys, line: null });
  const rows = panelRows().filter((row) => row.some(({ shown }) => shown));
  return html`
    <section class=${`card ${asleep ? 'asleep' : ''}`} id="panel" aria-labelledby="keys-title">
      <div class="keys-head">
        <h2 id="keys-title">${t('keys_title')}</h2>
        ${asleep && html`<span class="soft" id="asleep">${t(asleep)}</span>`}
        <button class="quiet" id="keys-switch" onMouseDown=${keepFocus} onClick=${switchKeys}>${t(isOff() ? 'keys_switch_on' : 'keys_switch_off')}</button>
        ${canFold() && html`<button class="quiet" id="more-keys" aria-expanded=${String(state.allKeys)} onMouseDown=${keepFocus}
          onClick=${fold}>${hidden ? t('keys_more', { n: hidden }) : t('keys_fewer')}</button>`}
      </div>
      <div class="keys" dir="ltr">
        ${rows.map((row, r) => row.map(({ kind, column, shown }) => (shown
          ? html`<${Key} key=${kind.id} kind=${kind} row=${r + 1} column=${column + 1} />`
          : html`<div key=${kind.id} class="key ghost" aria-hidden="true" style=${{ '--row': r + 1, '--column': column + 1 }}><${Cap} code=${codeOfKind(kind)} /></div>`)))}
      </div>
      <${Line} />
      <div class="note"><${NoteField} />
        <button id="undo" onMouseDown=${keepFocus} onClick=${tagging.undo}>${t('undo')} <kbd>⌫</kbd></button>
        <button id="redo" title=${t('help_redo')} disabled=${!tagging.canRedo()} onMouseDown=${keepFocus} onClick=${tagging.redo}>${t('redo')}</button>
      </div>
    </section>`;
}

class Key extends Component {
  // A range listens to down and up, a point to the click. A click without a pointer (detail 0: Enter or
  // Space on the focused button) is a press in both.
  down = (event) => {
    if (event.button !== 0 || this.props.kind.shape !== 'range') return;
    this.opened = tagging.currentRange()?.kind.id !== this.props.kind.id;
    tagging.press(this.props.kind, 'pointer', event.timeStamp);
  };

  up = (event) => {
    if (this.opened) tagging.release(this.props.kind, event.timeStamp);
    this.opened = false;
  };

  // The finger was scrolling, not pressing.
  cancel = () => {
    if (this.opened) tagging.cancelRange();
    this.opened = false;
  };

  click = (event) => {
    if (event.detail === 0) tagging.press(this.props.kind, 'key', event.timeStamp);
    else if (this.props.kind.shape !== 'range') tagging.press(this.props.kind, 'pointer', event.timeStamp);
  };

  render({ kind, row, column }) {
    const label = kindLabel(kind.id);
    const open = tagging.currentRange()?.kind.id === kind.id;
    return html`
      <button class=${`key ${familyClass(kind.id)} ${open ? 'open' : ''}`} id=${`key-${kind.id}`} title=${hintOf(kind).text}
          style=${{ '--row': row, '--column': column }} aria-pressed=${kind.shape === 'range' ? String(open) : null}
          onMouseDown=${keepFocus} onPointerDown=${this.down} onPointerUp=${this.up} onPointerCancel=${this.cancel}
          onPointerLeave=${this.up} onClick=${this.click}>
        <span dir="auto">${label}</span>
        ${keyOf(kind) && html`<${Cap} code=${keyOf(kind)} />`}
      </button>`;
  }
}

// What just happened, or what is still open; never more than one line.
function Line() {
  const range = tagging.currentRange();
  if (range) {
    return html`
      <p class=${`line ${familyClass(range.kind.id)}`} id="line">
        <span>${t(range.asking ? 'range_still' : 'range_open', { kind: kindLabel(range.kind.id), at: clock(range.startMs) })}</span>
        ${range.asking && html`<button onMouseDown=${keepFocus} onClick=${tagging.keepRange}>${t('range_keep')}</button>`}
        <button onMouseDown=${keepFocus} onClick=${() => tagging.press(range.kind, 'pointer')}>${t('range_end')} <${Cap} code=${codeOfKind(range.kind)} /></button>
        <button onMouseDown=${keepFocus} onClick=${tagging.cancelRange}>${t('range_cancel')} <kbd>Esc</kbd></button>
      </p>`;
  }
  const { line } = state;
  if (!line) return null;
  if (line.toldAt) return html`<${Told} at=${line.toldAt} />`;
  const act = () => (line.action === 'put-back' ? tagging.putBackLast() : change({ allKeys: true, line: null }));
  return html`
    <p class="line" id="line"><span>${line.text}</span>
      ${line.action && html`<button onMouseDown=${keepFocus} onClick=${act}>${line.label}</button>`}
    </p>`;
}

// The seconds in which a tag of severity one can be taken back before colleagues are told.
function Told({ at }) {
  const left = () => Math.ceil((at - performance.now()) / 1000);
  return html`
    <p class="line serious" id="line"><span><${Seconds} show=${() => (left() > 0 ? t('serious_soon', { n: left() }) : t('serious_told'))} /></span>
      <button onMouseDown=${keepFocus} onClick=${tagging.undo}>${t('take_back')} <kbd>⌫</kbd></button>
    </p>`;
}
