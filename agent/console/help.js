// All keys on one page: what each does, and another key for it where the listener wants one.
import { Cap } from './cap.js';
import { Dialog } from './dialog.js';
import { Component, html } from './dom.js';
import { t } from './i18n.js';
import { keep, kept } from './kept.js';
import * as keymap from './keymap.js';
import { change, state } from './store.js';
import { familyClass, hintOf, keyCap, kindLabel } from './tagbook.js';

const kModifier = /^(Shift|Control|Alt|Meta|CapsLock)/;

function nameOf(target) {
  const action = keymap.actionOf(target);
  return action ? t(action.text) : kindLabel(keymap.kindOf(target).id);
}

export class Help extends Component {
  state = { choosing: '', why: '' };

  // The next key that is pressed is the one for the target.
  choose = (target) => this.setState({ choosing: target, why: '' });

  taken = (event) => {
    if (event.code === 'Tab') return this.setState({ choosing: '', why: '' });
    event.preventDefault();
    event.stopPropagation();
    if (kModifier.test(event.code)) return;
    if (event.code === 'Escape') return this.setState({ choosing: '', why: '' });
    const holder = keymap.assign(this.state.choosing, event.code);
    if (!holder) this.setState({ choosing: '', why: '' });
    else this.setState({ why: holder === 'fixed' ? t('key_fixed') : t('key_taken', { key: keyCap(event.code), what: nameOf(holder) }) });
    change({});
  };

  key(target, code) {
    const choosing = this.state.choosing === target;
    return html`
      <button class="cap" aria-label=${`${keyCap(code)}. ${t('key_change', { what: nameOf(target) })}`} aria-pressed=${String(choosing)}
        onClick=${(event) => (event.detail || !choosing) && this.choose(target)} onKeyDown=${choosing ? this.taken : null}
        onBlur=${() => choosing && this.setState({ choosing: '', why: '' })}>${choosing ? '…' : html`<${Cap} code=${code} />`}</button>`;
  }

  why(target) {
    if (this.state.choosing !== target) return null;
    return html`<span role="alert" class=${this.state.why ? 'problem' : 'soft'}>${this.state.why || t('key_press_new')}</span>`;
  }

  action({ id, code, fixed = [], text, chord }) {
    const target = `do:${id}`;
    return html`
      <div key=${id}>
        <dt dir="ltr">
          ${code && this.key(target, keymap.codeOfAction(id))}
          ${fixed.map((one) => html`<kbd>${one === 'Space' ? t('space') : keyCap(one)}</kbd> `)}
          ${chord && html`<kbd>Ctrl ${chord}</kbd>`}
        </dt>
        <dd>${t(text)}${this.why(target)}</dd>
      </div>`;
  }

  kind(kind) {
    const target = `kind:${kind.id}`;
    const hint = hintOf(kind);
    return html`
      <div key=${kind.id} class=${familyClass(kind.id)}>
        <dt>${this.key(target, keymap.codeOfKind(kind))}</dt>
        <dd><b>${kindLabel(kind.id)}</b>${this.why(target)}<span class="soft" lang=${hint.code} dir="auto">${hint.text}</span>
          ${kind.shape === 'range' && html`<span class="soft">${t('help_range')}</span>`}</dd>
      </div>`;
  }

  set(name, checked, act) {
    return html`<label class="set"><input type="checkbox" id=${name} checked=${checked} onChange=${(event) => { act(event.target.checked); change({}); }} /> ${t(`help_${name}`)}</label>`;
  }

  render() {
    const close = () => change({ help: false });
    const reset = () => { keymap.resetKeys(); change({}); };
    return html`
      <${Dialog} labelledby="help-title" onClose=${close}>
        <div class="keys-head"><h1 id="help-title">${t('help_title')}</h1><button onClick=${close} autofocus>${t('close')}</button></div>
        <p>${t('help_intro')}</p>
        ${this.set('single', !keymap.isOff(), (on) => keymap.setOff(!on))}
        ${this.set('tick', kept('tick', false), (on) => keep('tick', on))}
        <h2>${t('keys_title')}</h2>
        <dl class="help">${state.kinds.filter((kind) => !kind.retired).map((kind) => this.kind(kind))}</dl>
        <h2>${t('help_player')}</h2>
        <dl class="help">
          ${keymap.kActions.map((action) => this.action(action))}
          <div><dt dir="ltr"><kbd>↑↓</kbd> <kbd>Home</kbd> <kbd>End</kbd></dt><dd>${t('help_list')}</dd></div>
        </dl>
        ${keymap.hasOwnKeys() && html`<p class="acts"><button id="keys-reset" onClick=${reset}>${t('keys_reset')}</button></p>`}
        <h2>${t('help_states')}</h2>
        <dl class="help">
          <div><dt class="mark"><i>✓</i> ${t('saved')}</dt><dd>${t('saved_why')}</dd></div>
          <div><dt class="mark good"><i>✓✓</i> ${t('sent')}</dt><dd>${t('sent_why')}</dd></div>
        </dl>
      </${Dialog}>`;
  }
}
