// What ends a kind: it is merged into another, for good, or retired until it is brought back. Each is said
// in full before it is done.
import { isOpen, showKind } from './book_address.js';
import { inUse, mergeKind, restoreKind, retireKind, sayRefused } from './book_station.js';
import { Component, html } from './dom.js';
import { t, tx } from './i18n.js';
import { change, state } from './store.js';
import { labelOf } from './tagbook.js';
import { Why } from './why.js';

export class BookFate extends Component {
  state = { asks: '', into: '', busy: false, why: '' };

  async do_(action, said, id) {
    this.setState({ busy: true, why: '' });
    try {
      await action();
      this.setState({ asks: '', into: '', busy: false });
      change({ said });
      if (!isOpen(this.props.kind.id)) return; // the person is elsewhere by now
      showKind(id);
    } catch (error) {
      this.setState({ busy: false, why: error });
      if (!isOpen(this.props.kind.id)) sayRefused(error);
    }
  }

  render({ kind }, { asks, into, busy, why }) {
    const name = labelOf(kind);
    const target = state.kinds.find((other) => other.id === into);
    return html`
      <div class="book-fate">
        ${why && html`<p class="problem" role="alert">${tx('book_failed', { why: html`<${Why} of=${why} />` })}</p>`}
        ${kind.retired ? this.back(kind, name, busy) : html`
          <label>${t('book_merge')}
            <select id="merge-into" value=${into} onChange=${(event) => this.setState({ into: event.target.value, asks: event.target.value && 'merge' })}>
              <option value="">${t('book_merge_none')}</option>
              ${inUse().filter((other) => other !== kind).map((other) => html`<option key=${other.id} value=${other.id} selected=${other.id === into}>${labelOf(other)}</option>`)}
            </select></label>
          <button id="retire" onClick=${() => this.setState({ asks: 'retire', into: '' })}>${t('book_retire')}</button>`}
        ${asks === 'merge' && target && this.ask(t('book_merge_ask', { kind: name, into: labelOf(target) }), t('book_merge_yes'), busy,
          () => this.do_(() => mergeKind(kind, into), t('book_merge_said', { kind: name, into: labelOf(target) }), into))}
        ${asks === 'retire' && this.ask(t('book_retire_ask', { kind: name }), t('book_retire_yes'), busy,
          () => this.do_(() => retireKind(kind), t('book_retire_said', { kind: name }), kind.id))}
      </div>`;
  }

  ask(text, yes, busy, action) {
    return html`
      <div class="ask" role="alert"><p>${text}</p>
        <p class="acts"><button class="primary" id="fate-yes" disabled=${busy} onClick=${action}>${yes}</button>
          <button onClick=${() => this.setState({ asks: '', into: '' })}>${t('cancel')}</button></p>
      </div>`;
  }

  // Its key may have gone to another kind meanwhile.
  back(kind, name, busy) {
    const taken = inUse().some((other) => other.key && other.key === kind.key);
    const action = () => this.do_(() => restoreKind(kind.id, { revision: kind.revision, ...(taken ? { key: '' } : {}) }), t('book_restored', { kind: name }), kind.id);
    return html`<button class="primary" id="restore" disabled=${busy} onClick=${action}>${t('book_restore')}</button>`;
  }
}
