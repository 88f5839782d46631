// Thank-yous: every moment to praise that nobody has thanked for yet, and those that were, with the day and how.
import * as api from './api.js';
import { Clip } from './clip.js';
import { Component, html } from './dom.js';
import { HourPage } from './hour_page.js';
import { t, tx } from './i18n.js';
import { InCall } from './in_call.js';
import { queueName } from './names.js';
import { change, state } from './store.js';
import { familyClass, kindLabel } from './tagbook.js';
import { uuid7 } from './uuid7.js';
import { dayText, today } from './weeks.js';
import { Why, whyText } from './why.js';

const kHow = ['note', 'call', 'visit', 'other'];

export class Thanks extends Component {
  state = { thanks: null, error: null };

  componentDidMount() {
    this.read();
  }

  componentDidUpdate() {
    if (this.told !== state.told) this.read();
  }

  read = async () => {
    this.told = state.told;
    try {
      this.setState({ thanks: await api.get('thanks'), error: null });
    } catch (error) {
      this.setState({ error });
    }
  };

  render(_, { thanks, error }) {
    return html`
      <${HourPage}>
        <section class="card hour-now">
          <h1 tabindex="-1">${t('thanks')}</h1>
          <p>${t('thanks_why')}</p>
          ${error && html`<p class="problem" role="alert">${tx('thanks_unread', { why: html`<${Why} of=${error} />` })}</p>`}
          ${thanks?.open.length === 0 && html`<p class="soft">${t(thanks.done.length ? 'thanks_all' : 'thanks_none')}</p>`}
        </section>
        ${(thanks?.open ?? []).map((one) => html`<${Open} key=${one.event_id} thank=${one} again=${this.read} />`)}
        ${thanks?.done.length > 0 && html`
          <section class="card" aria-labelledby="thanks-done">
            <h2 id="thanks-done">${t('thanks_done')}</h2>
            <ul class="thanked">${thanks.done.map((one) => html`<${Done} key=${one.event_id} thank=${one} />`)}</ul>
          </section>`}
      </${HourPage}>`;
  }
}

export const nameOf = (thank) => thank.agent_name || thank.agent_ref || t('thanks_nameless', { queue: queueName(thank) });

class Open extends Component {
  state = { how: 'note', day: today(), words: '', why: '', saving: false };

  submit = async (event) => {
    event.preventDefault();
    const { thank, again } = this.props;
    const { how, day, words } = this.state;
    const content = { how, day, ...(words.trim() ? { words: words.trim() } : {}) };
    if (JSON.stringify(content) !== this.asked) [this.asked, this.id] = [JSON.stringify(content), uuid7()]; // sent again it is the same
    this.setState({ saving: true, why: '' });
    try {
      await api.post(`tags/${thank.event_id}/thanked`, { ...content, event_id: this.id });
      change({ said: t('thanks_closed', { name: nameOf(thank) }) });
      document.querySelector('.hour-page h1')?.focus();
    } catch (error) {
      this.setState({ saving: false, why: whyText(error) });
      if (error.code !== 'E_DONE') return;
      change({ said: whyText(error) });
    }
    again();
  };

  render({ thank }, { how, day, words, why, saving }) {
    const id = `thank-${thank.event_id}`;
    const kind = kindLabel(thank.kind);
    return html`
      <article class=${`card thank ${familyClass(thank.kind)}`} aria-labelledby=${id} data-event-id=${thank.event_id}>
        <h2 id=${id}><bdi>${nameOf(thank)}</bdi></h2>
        <p class="what"><${Clip} tag=${thank} name=${kind} /> <b class="kind-name">${kind}</b> <span class="soft"><bdi class="queue">${queueName(thank)}</bdi> · <bdi>${dayText(today(new Date(thank.at)))}</bdi> · <bdi>${thank.listener?.name}</bdi></span>
          <${InCall} tag=${thank} name=${`${kind}, ${nameOf(thank)}`} /></p>
        ${thank.note && html`<blockquote dir="auto">${thank.note}</blockquote>`}
        <form onSubmit=${this.submit}>
          <label>${t('thanks_how')}
            <select name="how" value=${how} onChange=${(event) => this.setState({ how: event.target.value })}>${kHow.map((one) => html`<option value=${one} selected=${one === how}>${t(`thanks_${one}`)}</option>`)}</select></label>
          <label>${t('thanks_day')}
            <input type="date" name="day" required max=${today()} value=${day} onInput=${(event) => this.setState({ day: event.target.value })} /></label>
          <label class="wide">${t('thanks_words')}
            <input name="words" dir="auto" maxlength="500" value=${words} onInput=${(event) => this.setState({ words: event.target.value })} /></label>
          <button disabled=${saving}>${t('thanks_close')}</button>
        </form>
        ${why && html`<p class="problem" role="alert">${t('hour_failed', { why })}</p>`}
      </article>`;
  }
}

function Done({ thank }) {
  const { day, how, words, by } = thank.done;
  return html`
    <li><${Clip} tag=${thank} name=${kindLabel(thank.kind)} />
      <span><b><bdi>${nameOf(thank)}</bdi></b> <span class="soft">${t('thanks_was', { how: t(`thanks_${kHow.includes(how) ? how : 'other'}`), day: dayText(day), by: by?.name })}</span>
        ${words && html`<br /><bdi dir="auto">${words}</bdi>`}</span></li>`;
}
