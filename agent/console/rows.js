// The rows of the list of calls. Only those in view are in the page, and the one that Tab leads to: that which
// had the focus last, otherwise that of the open call. All are equally high, as measured. Up, Down, Page, Home and
// End move the focus. What the reader looks at stays where it is when calls come and go above it.
import { callsShown, readUntil } from './calls_station.js';
import { Component, createRef, html } from './dom.js';
import { t } from './i18n.js';
import { moved, windowOf } from './row_window.js';
import { change, state } from './store.js';

const kGuessPx = 60; // of a row, until one was drawn

const idOf = (call) => call.call_id;

export class Rows extends Component {
  box = createRef();
  state = { from: 0, to: 24, rowPx: kGuessPx, tabId: '' };
  topPx = 0; // where the list was scrolled to when it was last looked at

  componentDidMount() {
    this.props.handle.current = this;
    this.observer = new ResizeObserver(() => {
      this.measure(true);
      this.look();
    });
    this.observer.observe(this.box.current);
    this.measure(true);
    this.look();
  }

  componentWillUnmount() {
    this.props.handle.current = null;
    this.observer.disconnect();
  }

  // A row that leaves the list takes the focus with it.
  getSnapshotBeforeUpdate() {
    return this.box.current.contains(document.activeElement);
  }

  // Most changes of the page are none of the list, and to look at it would lay out the page once more.
  componentDidUpdate(before, beforeState, hadFocus) {
    const box = this.box.current;
    const { calls, subject } = this.props;
    const { rowPx } = beforeState;
    if (beforeState === this.state && ['calls', 'subject', 'open', 'lang'].every((name) => before[name] === this.props[name])) return;
    if (before.subject !== subject) box.scrollTop = 0;
    else if (before.calls !== calls && (this.topPx > 0 || hadFocus)) {
      const [were, are] = [before.calls.map(idOf), calls.map(idOf)];
      const by = moved(were, are, Math.floor(this.topPx / rowPx));
      if (by) box.scrollTop = this.topPx + by * rowPx;
      const at = were.indexOf(beforeState.tabId);
      if (hadFocus && at >= 0 && !are.includes(beforeState.tabId)) this.focus(at + moved(were, are, at), false);
    }
    this.measure(before.subject !== subject || before.lang !== this.props.lang);
    this.look();
  }

  // anew: rows may be lower than they were.
  measure(anew) {
    const { rowPx } = this.state;
    const px = Math.max(0, ...[...this.box.current.querySelectorAll('li')].map((row) => row.getBoundingClientRect().height));
    if (px === 0 || (anew ? px === rowPx : px <= rowPx)) return;
    const at = this.box.current.scrollTop / rowPx;
    this.setState({ rowPx: px }, () => {
      this.box.current.scrollTop = at * px;
      this.look();
    });
  }

  look = () => {
    const { scrollTop, clientHeight } = this.box.current;
    const { calls, subject } = this.props;
    const { from, to, rowPx } = this.state;
    this.topPx = scrollTop;
    const now = windowOf(scrollTop, clientHeight, rowPx, calls.length);
    if (now.from !== from || now.to !== to) this.setState(now);
    const focused = this.box.current.contains(document.activeElement) ? this.tabAt() : -1;
    callsShown(Math.max(Math.ceil((scrollTop + clientHeight) / rowPx), focused + 1), subject);
    const open = this.openAt();
    const openInView = open >= 0 && (open + 0.5) * rowPx > scrollTop && (open + 0.5) * rowPx < scrollTop + clientHeight;
    if (openInView !== state.openInView) change({ openInView });
  };

  openAt = () => this.props.calls.findIndex((call) => call.call_id === this.props.open);

  tabAt() {
    const at = this.props.calls.findIndex((call) => call.call_id === this.state.tabId);
    return at >= 0 ? at : Math.max(0, this.openAt());
  }

  focused = ({ target }) => {
    const { callId } = target.closest('.row')?.dataset ?? {};
    if (callId && callId !== this.state.tabId) this.setState({ tabId: callId });
  };

  // The focus is elsewhere in the page, so Tab leads to the open call again.
  left = ({ relatedTarget }) => {
    if (relatedTarget && !this.box.current.contains(relatedTarget)) this.setState({ tabId: '' });
  };

  press = async (event) => {
    const page = Math.max(1, Math.floor(this.box.current.clientHeight / this.state.rowPx) - 1);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'End') await readUntil(() => false);
    if (!this.box.current?.contains(document.activeElement)) return; // somebody went elsewhere meanwhile
    this.focus(this.tabAt() + steps[event.key]);
  };

  focus(at, scrolls = true) {
    const { calls } = this.props;
    if (!calls.length) return;
    const tabId = calls[Math.min(Math.max(at, 0), calls.length - 1)].call_id;
    this.setState({ tabId }, () => {
      const row = this.box.current.querySelector('[tabindex="0"]');
      row?.focus({ preventScroll: true });
      if (scrolls) row?.scrollIntoView({ block: 'nearest' });
    });
  }

  // The row of the open call, in the middle; by keyboard with the focus.
  async showOpen(byKeyboard) {
    await readUntil(() => this.openAt() >= 0);
    const [at, box] = [this.openAt(), this.box.current];
    if (!box || (at < 0 && state.nextCalls)) return; // pressed again, it reads on
    if (at < 0) change({ line: { text: t('calls_open_left_out') }, said: t('calls_open_left_out') });
    else box.scrollTop = (at + 0.5) * this.state.rowPx - box.clientHeight / 2;
    if (byKeyboard) this.focus(at);
  }

  render({ calls, whole, draw }, { from, to, rowPx }) {
    const tab = this.tabAt();
    const shown = [];
    for (let at = from; at < Math.min(to, calls.length); at++) shown.push(at);
    if (tab < from && calls.length) shown.unshift(tab);
    if (tab >= to && tab < calls.length) shown.push(tab);
    return html`
      <div class="rows" ref=${this.box} onScroll=${this.look} onKeyDown=${this.press} onFocusIn=${this.focused} onFocusOut=${this.left}>
        <ol style=${{ height: `${calls.length * rowPx}px` }}>
          ${shown.map((at) => draw(calls[at], { top: `${at * rowPx}px`, position: at + 1, size: whole ? calls.length : -1, tab: at === tab }))}
        </ol>
      </div>`;
  }
}
