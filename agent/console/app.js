// The layout: one header, then calls, the open call with its keys, and its tags; or, before any of that,
// one plain sentence about what to do.
import { Alarms } from './alarms.js';
import { Cadence } from './cadence.js';
import { CallList } from './calls.js';
import { Book } from './book.js';
import { Captures, PauseBanner } from './captures.js';
import { CustomerPast } from './customer.js';
import { html } from './dom.js';
import { isFiltered } from './filters.js';
import { Header } from './status.js';
import { Heard } from './heard.js';
import { Help } from './help.js';
import { Hour } from './hour.js';
import { HourStrip } from './hour_strip.js';
import { t, tx } from './i18n.js';
import { Inbox } from './inbox.js';
import { ListenerDialog } from './listener_dialog.js';
import { callName } from './names.js';
import { Mine } from './mine.js';
import { PlayerCard } from './player_card.js';
import { Recent, SeriousTags } from './recent.js';
import { state } from './store.js';
import { TagKeys } from './tag_keys.js';
import { Thanks } from './thanks.js';
import { Why } from './why.js';

const kPages = { book: Book, hour: Hour, thanks: Thanks, cadence: Cadence, mine: Mine };

export function App() {
  const Page = state.phase === 'ready' ? kPages[state.view] : null;
  document.title = Page ? `${t(state.view)} · earful` : state.phase === 'ready' && state.call ? `${callName(state.call)} · earful` : 'earful';
  return html`
    ${state.call && !Page && html`<button class="skip" onClick=${() => document.getElementById('play')?.focus()}>${t('skip')}</button>`}
    <${Header} />
    <${Alarms} />
    <${SeriousTags} />
    <${PauseBanner} />
    ${state.phase !== 'ready' ? html`<${Plain} />` : Page ? html`<${Page} key=${state.view + state.pageId} />` : html`<${HourStrip} /><${Desk} />`}
    <div class="unseen" role="status" aria-live="polite">${state.said}</div>
    ${state.phase === 'ready' && state.askListener && html`<${ListenerDialog} mode=${state.askListener} />`}
    ${state.help && html`<${Help} />`}`;
}

function Desk() {
  return html`
    <main class="desk">
      <div class="start"><${Captures} /><${CallList} /><${Inbox} /></div>
      <div class="middle">
        ${state.callError && html`<p class="card problem" role="alert">${tx('call_failed', { why: html`<${Why} of=${state.callError} />` })}</p>`}
        ${state.call && html`<${PlayerCard} key=${state.call.call_id} call=${state.call} /><${TagKeys} />`}
        ${!state.call && !state.callError && html`<${NoCall} />`}
      </div>
      <aside class="side">${state.call && html`<${Heard} /><${CustomerPast} />`}<${Recent} /></aside>
    </main>`;
}

function NoCall() {
  if (state.calls.length || state.search || isFiltered(state.filters)) return html`<p class="card soft">${t('call_choose')}</p>`;
  if (state.callsLoading) return html`<p class="card soft">${t('starting')}</p>`;
  return html`
    <section class="card empty">
      <h1>${t('calls_empty_title')}</h1>
      <p>${tx('calls_empty', { command: html`<code dir="ltr">earful-agent import FOLDER</code>` })}</p>
    </section>`;
}

function Plain() {
  if (state.phase === 'starting') return html`<main class="plain"><p class="soft">${t('starting')}</p></main>`;
  const address = html`<code dir="ltr">${location.origin}/#token=</code>`;
  const said = `${state.phase.replace('-', '_')}${state.badToken && state.phase === 'no-link' ? '_bad' : ''}`;
  return html`
    <main class="plain">
      <section class="card empty">
        <h1>${t(`${said}_title`)}</h1>
        ${state.badToken && state.phase === 'no-session' && html`<p class="problem">${t('no_session_bad')}</p>`}
        <p>${tx(said, { address })}</p>
      </section>
    </main>`;
}
