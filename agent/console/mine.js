// For the one who is listened to, by a link of their own: which of their calls were heard, and every thank-you. Nothing
// else is open to them, and no tag that is not one.
import * as api from './api.js';
import { Component, html } from './dom.js';
import { HourPage } from './hour_page.js';
import { t, tx } from './i18n.js';
import { dayAndTime, queueName } from './names.js';
import { noted } from './refused.js';
import { change } from './store.js';
import { kindLabel } from './tagbook.js';
import { dayText } from './weeks.js';
import { Why } from './why.js';

export class Mine extends Component {
  state = { mine: null, error: null };

  componentDidMount() {
    this.read();
    document.addEventListener('visibilitychange', this.look);
  }

  componentWillUnmount() {
    document.removeEventListener('visibilitychange', this.look);
  }

  // Who comes back to it after days sees what came meanwhile.
  look = () => document.hidden || this.read();

  read = async () => {
    try {
      const mine = await api.get('mine');
      change({ kinds: mine.kinds });
      this.setState({ mine, error: null });
    } catch (error) {
      noted(error, () => this.setState({ error }));
    }
  };

  render(_, { mine, error }) {
    return html`
      <${HourPage}>
        <section class="card hour-now">
          <h1 tabindex="-1">${mine ? t('mine_title', { name: mine.agent.name || mine.agent.ref }) : t('mine')}</h1>
          ${error && html`<p class="problem" role="alert">${tx('mine_unread', { why: html`<${Why} of=${error} />` })}</p>`}
          ${mine && html`<p>${t('mine_why')}</p>`}
        </section>
        ${mine && html`<${ThankYous} thanks=${mine.thanks} /><${Calls} calls=${mine.calls} />`}
      </${HourPage}>`;
  }
}

function ThankYous({ thanks }) {
  return html`
    <section class="card" aria-labelledby="mine-thanks">
      <h2 id="mine-thanks">${t('thanks')}</h2>
      ${thanks.length === 0 && html`<p class="soft">${t('mine_no_thanks')}</p>`}
      <ul class="thanked">${thanks.map((thank) => html`
        <li key=${thank.event_id}><span><b>${kindLabel(thank.kind)}</b> <span class="soft"><bdi class="queue">${queueName(thank)}</bdi> · <bdi>${dayAndTime(thank.started_at)}</bdi></span>
          ${thank.note && html`<blockquote dir="auto">${thank.note}</blockquote>`}
          ${thank.done && html`<span class="soft">${t('mine_thanked', { by: thank.done.by?.name, day: dayText(thank.done.day) })}</span>${thank.done.words && html`<blockquote dir="auto">${thank.done.words}</blockquote>`}`}</span></li>`)}
      </ul>
    </section>`;
}

// Not every language has a form of its own for one.
const heardKey = ({ heard_at: at, listeners }) => (!at ? 'heard_mark' : listeners === 1 ? 'mine_heard_once' : 'mine_heard');

function Calls({ calls }) {
  return html`
    <section class="card" aria-labelledby="mine-calls">
      <h2 id="mine-calls">${t('mine_calls')}</h2>
      ${calls.length === 0 && html`<p class="soft">${t('mine_no_calls')}</p>`}
      <ul class="hours">${calls.map((call) => html`
        <li key=${call.call_id}><b><bdi class="queue">${queueName(call)}</bdi></b> <span><bdi>${dayAndTime(call.started_at)}</bdi></span>
          <span class="soft">${t(heardKey(call), { n: call.listeners, at: dayAndTime(call.heard_at) })}</span></li>`)}
      </ul>
    </section>`;
}
