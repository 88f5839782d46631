// The note of an hour, made by itself of what was tagged in it: one page to read, to print and to pass on. Who is on
// the line is named only where there is something to praise.
import * as api from './api.js';
import { Clip } from './clip.js';
import { Component, html } from './dom.js';
import { pageAddress } from './hour_page.js';
import { lang, t, tx } from './i18n.js';
import { InCall } from './in_call.js';
import { queueName } from './names.js';
import { kLists, noteMarkdown, noteTitle, sentence, sourceOf } from './note_text.js';
import { change, state } from './store.js';
import { familyClass, kindLabel } from './tagbook.js';
import { uuid7 } from './uuid7.js';
import { number, percent } from './weeks.js';
import { Why, whyText } from './why.js';

const kPrinted = 4;      // of each list; the rest is on the page
const kProblems = 10;    // that are printed, see note.css
const kMostWords = 1000; // so that it stays one page

export class HourNote extends Component {
  state = { note: null, error: null, words: null, saved: '' };

  componentDidMount() {
    this.read();
  }

  componentDidUpdate() {
    if (this.told !== state.told || this.heardMs !== this.nowHeardMs()) this.read();
  }

  // While this hour is under way it grows.
  nowHeardMs = () => (state.hour?.hour_id === this.props.id ? state.hour.heard_ms : null);

  async read() {
    [this.told, this.heardMs] = [state.told, this.nowHeardMs()];
    try {
      this.setState({ note: await api.get(`hours/${this.props.id}/note`), error: null });
    } catch (error) {
      this.setState(error.code === 'E_NO_HOUR' ? { error, note: null, words: null } : { error }); // now somebody else listens
    }
  }

  words = () => this.state.words ?? this.state.note.words ?? '';

  saveWords = async () => {
    const words = this.words().trim();
    if (words === (this.state.note.words ?? '')) return;
    if (this.sent?.words !== words) this.sent = { words, event_id: uuid7() }; // sent again it is the same
    try {
      await api.post(`hours/${this.props.id}/words`, this.sent);
      this.setState({ note: { ...this.state.note, words }, saved: t('note_words_saved') });
    } catch (error) {
      this.setState({ saved: t('hour_failed', { why: whyText(error) }) });
    }
  };

  copy = async (text, told) => {
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    this.setState({ copied: done ? told : text });
    change({ said: done ? told : text });
  };

  save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([this.markdown()], { type: 'text/markdown' }));
    link.download = `earful-${this.state.note.hour.week.from}-${lang()}.md`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  markdown = () => noteMarkdown(this.state.note, location.origin, this.words());

  render({ id }, { note, error, words, saved, copied }) {
    // One element before and after, so that its title keeps the focus.
    if (!note) return html`<article class="card hour-now"><h1 tabindex="-1">${t('note_hour')}</h1>${error
      ? html`<p class="problem" role="alert">${tx('hour_unread', { why: html`<${Why} of=${error} />` })}</p>` : html`<p class="soft">${t('starting')}</p>`}</article>`;
    return html`
      <article class="card note-page" aria-labelledby="note-title">
        <h1 id="note-title" tabindex="-1">${noteTitle(note)}</h1>
        <p class="soft source"><bdi>${note.hour.listener.name}</bdi>. ${sourceOf(note)}</p>
        ${note.problems.length === 0 && html`<p>${t('note_no_problem')}</p>`}
        <ol class="problems">${note.problems.map((problem) => html`<${Problem} key=${problem.kind} problem=${problem} note=${note} />`)}</ol>
        ${note.problems.length > kProblems && html`<p class="printed soft">${t('note_more', { n: note.problems.length - kProblems })}</p>`}
        <div class="note-lists">${kLists.filter((name) => note[name]?.length).map((name) => html`<${List} key=${name} name=${name} tags=${note[name]} />`)}</div>
        <section class="own-words ${this.words().trim() ? '' : 'none'}" aria-labelledby="words-title">
          <h2 id="words-title">${t('note_words')}</h2>
          <textarea aria-labelledby="words-title" id="words" rows="4" dir="auto" maxlength=${kMostWords} placeholder=${t('note_words_hint')} value=${words ?? note.words ?? ''}
            onInput=${(event) => this.setState({ words: event.target.value, saved: '' })} onChange=${this.saveWords}></textarea>
          <p class="printed" dir="auto">${this.words()}</p>
          <p class="acts"><button id="words-save" onClick=${this.saveWords}>${t('book_save')}</button> <span class="soft" role="status">${saved}</span></p>
        </section>
      </article>
      <p class="acts note-acts">
        <button id="note-print" onClick=${() => print()}>${t('note_print')}</button>
        <button id="note-link" onClick=${() => this.copy(location.origin + '/' + pageAddress('hour', id), t('note_link_copied'))}>${t('note_link')}</button>
        <button id="note-copy" onClick=${() => this.copy(this.markdown(), t('note_copied'))}>${t('note_copy')}</button>
        <button id="note-save" onClick=${this.save}>${t('note_save')}</button>
        <span class="soft" id="note-told">${copied}</span>
      </p>`;
  }
}

function Problem({ problem, note }) {
  const kind = kindLabel(problem.kind);
  return html`
    <li class=${familyClass(problem.kind)} data-kind=${problem.kind}>
      <p class="sentence">${sentence(note, problem, html`<em><bdi>${kind}</bdi></em>`, tx)}
        ${problem.of > 0 && problem.calls > 0 && html` <span class="soft num exact">${t('note_exact', {
          in: number(problem.calls), of: number(problem.of), share: percent(problem.share), low: percent(problem.low), high: percent(problem.high) })}</span>`}</p>
      <ul class="clips">${problem.clips.map((tag) => html`<${Moment} key=${tag.event_id} tag=${tag} name=${kind} />`)}</ul>
    </li>`;
}

// Where it is and what was said about it; who: the agent, of a moment to praise.
function Moment({ tag, name, kind = false, who = '' }) {
  return html`
    <li>
      <${Clip} tag=${tag} name=${name} />
      <span class="words">${who && html`<b><bdi>${who}</bdi></b> `}${kind && html`<span class="kind-name">${name}</span> `}<span class="soft"><bdi class="queue">${queueName(tag)}</bdi></span>${tag.note && html` <bdi dir="auto" class="said">${tag.note}</bdi>`}</span>
      <${InCall} tag=${tag} name=${`${name}, ${queueName(tag)}`} />
    </li>`;
}

function List({ name, tags }) {
  return html`
    <section aria-labelledby=${`note-${name}`}>
      <h2 id=${`note-${name}`}>${t(`note_${name}`)}</h2>
      <ul class="clips">${tags.map((tag) => html`
        <${Moment} key=${tag.event_id} tag=${tag} name=${kindLabel(tag.kind)} kind=${true} who=${name === 'praise' ? tag.agent_name : ''} />`)}</ul>
      ${tags.length > kPrinted && html`<p class="printed soft">${t('note_more', { n: tags.length - kPrinted })}</p>`}
    </section>`;
}
