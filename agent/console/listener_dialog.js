// Who is listening? Known listeners first; a new name that is near a known one is asked about, because
// two names for one person split what that person heard.
import { Dialog } from './dialog.js';
import { Component, html } from './dom.js';
import { t, tx } from './i18n.js';
import { nearNames } from './near_name.js';
import { beListener, newListener } from './station.js';
import { change, state } from './store.js';
import { Why } from './why.js';

const kMaxName = 80; // longer than any name on a badge

export class ListenerDialog extends Component {
  state = { name: '', near: [], why: '', busy: false };

  async try_(action) {
    this.setState({ busy: true, why: '' });
    try {
      await action();
    } catch (error) {
      this.setState({ busy: false, why: error });
    }
  }

  submit = (event) => {
    event.preventDefault();
    const name = this.state.name.trim();
    if (!name || this.state.busy) return;
    const near = nearNames(name, state.listeners);
    if (near.length) this.setState({ near });
    else this.try_(() => newListener(name));
  };

  render({ mode }, { name, near, why, busy }) {
    const close = mode === 'change' ? () => change({ askListener: null }) : null;
    return html`
      <${Dialog} labelledby="who-title" onClose=${close}>
        <h1 id="who-title">${near.length ? t('who_near') : t('who_title')}</h1>
        ${why && html`<p class="problem" role="alert">${tx('who_failed', { why: html`<${Why} of=${why} />` })}</p>`}
        ${near.length ? this.nearby(near, name.trim(), busy) : this.everybody(name, busy, close)}
      </${Dialog}>`;
  }

  everybody(name, busy, close) {
    return html`
      ${state.listeners.length > 0 && html`
        <ul class="people">${state.listeners.map((listener) => html`
          <li key=${listener.id}><button disabled=${busy} onClick=${() => this.try_(() => beListener(listener))}><bdi>${listener.name}</bdi></button></li>`)}
        </ul>`}
      <form onSubmit=${this.submit}>
        <label for="new-name">${state.listeners.length ? t('who_new_other') : t('who_new')}</label>
        <input id="new-name" dir="auto" autocomplete="name" maxlength=${kMaxName} value=${name} autofocus=${!state.listeners.length}
          onInput=${(event) => this.setState({ name: event.target.value })} />
        <p class="soft">${t('who_why')}</p>
        <p class="acts">
          <button class="primary" disabled=${busy || !name.trim()}>${t('who_go')}</button>
          ${close && html`<button type="button" onClick=${close}>${t('cancel')}</button>`}
        </p>
      </form>`;
  }

  nearby(near, name, busy) {
    return html`
      <ul class="people">${near.map((listener) => html`
        <li key=${listener.id}>
          <bdi>${listener.name}</bdi>
          <button class="primary" disabled=${busy} onClick=${() => this.try_(() => beListener(listener))}>${t('who_near_yes')}</button>
        </li>`)}
      </ul>
      <p class="acts">
        <button disabled=${busy} onClick=${() => this.try_(() => newListener(name))}>${tx('who_near_no', { name: html`<bdi>${name}</bdi>` })}</button>
        <button onClick=${() => this.setState({ near: [] })}>${t('cancel')}</button>
      </p>`;
  }
}
