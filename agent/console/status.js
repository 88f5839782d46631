// The header: is everything saved and sent, who listens, language and colours.
import { leaveBook, openBook } from './book_address.js';
import { html, keepFocus } from './dom.js';
import { isHourPage, openPage } from './hour_page.js';
import { languages, lang, setLanguage, t } from './i18n.js';
import { change, state } from './store.js';
import { isDark, toggleTheme } from './theme.js';

// {tone, text}: the first thing that is true, worst first.
export function delivery() {
  if (state.unsaved) return { tone: 'alarm', text: t('unsaved', { n: state.unsaved }) };
  if (!state.reachable) return { tone: 'warn', text: t('station_away') };
  if (state.saving) return { tone: 'quiet', text: t('saving') };
  const known = state.tags.filter((tag) => tag.own && tag.state === 'saved').length;
  const waiting = Math.max(state.link.undelivered ?? 0, known);
  if (state.link.state === 'none') return { tone: 'good', text: t('all_saved') };
  if (waiting) return { tone: state.link.state === 'down' ? 'warn' : 'quiet', text: t('undelivered', { n: waiting }) };
  if (!state.link.state) return { tone: 'quiet', text: t('connecting') };
  return { tone: 'good', text: t('all_sent') };
}

export function Header() {
  const agent = state.phase === 'ready' ? state.agent : null;
  const ready = state.phase === 'ready' && !agent;
  const { tone, text } = delivery();
  return html`
    <header>
      <div class="brand" dir="ltr">earful</div>
      ${(ready || state.unsaved > 0) && html`
        <div class=${`delivery ${tone}`} id="delivery" role=${tone === 'alarm' ? 'alert' : null}>
          <span class="dot" aria-hidden="true"></span><span>${text}</span>
        </div>`}
      <div class="tools">
        ${agent && html`<span id="who"><bdi>${agent.name || agent.ref}</bdi></span>`}
        ${ready && state.listener && state.bound && html`<span id="who"><bdi>${state.listener.name}</bdi></span>`}
        ${ready && state.listener && !state.bound && html`
          <button class="quiet" id="who" aria-label=${t('who_change', { name: state.listener.name })}
              onMouseDown=${keepFocus} onClick=${() => change({ askListener: 'change' })}>
            <bdi>${state.listener.name}</bdi>
          </button>`}
        ${ready && html`<button class="quiet" id="my-hour" onClick=${() => (isHourPage() ? leaveBook() : openPage('hour'))}>
          ${isHourPage() ? t('calls') : t('hour')}</button>`}
        ${ready && html`<button class="quiet" onClick=${() => (state.view === 'book' ? leaveBook() : openBook())}>
          ${state.view === 'book' ? t('calls') : t('book')}</button>`}
        <${LanguageMenu} />
        <button class="quiet" onMouseDown=${keepFocus} onClick=${toggleTheme}>
          ${isDark() ? t('theme_light') : t('theme_dark')}
        </button>
        ${ready && html`
          <button class="quiet" aria-label=${t('help')} title=${t('help')} onMouseDown=${keepFocus}
              onClick=${() => change({ help: true })}>?</button>`}
      </div>
    </header>`;
}

// Each in its own script, always in view: who cannot read the page's language finds the way out.
function LanguageMenu() {
  const pick = (code) => {
    setLanguage(code);
    change({ line: null });
  };
  return html`
    <div class="languages" role="group" aria-label=${t('language')} dir="ltr">
      ${languages.map(({ code, name }) => html`
        <button key=${code} class="quiet" id=${`language-${code}`} lang=${code} aria-pressed=${String(code === lang())} onMouseDown=${keepFocus} onClick=${() => pick(code)}>${name}</button>`)}
    </div>`;
}
