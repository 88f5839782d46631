// Listeners whose names are near each other: perhaps one person twice. Shown only where there are some.
import * as api from './api.js';
import { Component, html } from './dom.js';
import { t, tx } from './i18n.js';
import { isNear } from './near_name.js';
import { change, state } from './store.js';
import { Why } from './why.js';

const kShown = 5; // pairs; more is a list nobody reads

let compared = { listeners: null, found: [] }; // every two of them: not with each redraw

function pairs() {
  const { listeners } = state;
  if (compared.listeners !== listeners) compared = { listeners, found: nearPairs(listeners) };
  return compared.found;
}

function nearPairs(listeners) {
  const found = [];
  for (const [i, one] of listeners.entries()) {
    for (const other of listeners.slice(i + 1)) {
      if (isNear(one.name, other.name)) found.push([one, other]);
      if (found.length === kShown) return found;
    }
  }
  return found;
}

export class People extends Component {
  state = { from: null, into: null, busy: false, why: '' };

  async merge() {
    const { from, into } = this.state;
    this.setState({ busy: true, why: '' });
    try {
      await api.post(`listeners/${encodeURIComponent(from.id)}/merge`, { into: into.id });
      this.setState({ from: null, busy: false });
      change({ listeners: state.listeners.filter(({ id }) => id !== from.id), said: t('people_said', { from: from.name, into: into.name }) });
    } catch (error) {
      this.setState({ busy: false, why: error });
    }
  }

  render(_, { from, into, busy, why }) {
    const near = state.mayMerge ? pairs() : [];
    if (!near.length) return null;
    const keep = (a, b) => html`<button class="small" onClick=${() => this.setState({ from: b, into: a, why: '' })}>${t('people_keep', { name: a.name })}</button>`;
    return html`
      <section class="people-near" aria-labelledby="people-title">
        <h2 id="people-title">${t('people_title')}</h2>
        <ul>${near.map(([a, b]) => html`<li key=${a.id + b.id}><span><bdi>${a.name}</bdi> · <bdi>${b.name}</bdi></span> ${keep(a, b)} ${keep(b, a)}</li>`)}</ul>
        ${why && html`<p class="problem" role="alert">${tx('book_failed', { why: html`<${Why} of=${why} />` })}</p>`}
        ${from && html`
          <div class="ask" role="alert"><p>${t('people_ask', { from: from.name, into: into.name })}</p>
            <p class="acts"><button class="primary" id="people-yes" disabled=${busy} onClick=${() => this.merge()}>${t('people_yes')}</button>
              <button onClick=${() => this.setState({ from: null })}>${t('cancel')}</button></p>
          </div>`}
      </section>`;
  }
}
