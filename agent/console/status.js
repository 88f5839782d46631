// The header: is everything saved and sent, who listens, language and colours.
import { html, keepFocus } from './dom.js';
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
  const ready = state.phase === 'ready';
  const { tone, text } = delivery();
  return html`
    <header>
      <div class="brand" dir="ltr">earful</div>
      ${(ready || state.unsaved > 0) && html`
        <div class=${`delivery ${tone}`} id="delivery" role=${tone === 'alarm' ? 'alert' : null}>
          <span class="dot" aria-hidden="true"></span><span>${text}</span>
        </div>`}
      <div class="tools">
        ${ready && state.listener && state.bound && html`<span id="who"><bdi>${state.listener.name}</bdi></span>`}
        ${ready && state.listener && !state.bound && html`
          <button class="quiet" id="who" aria-label=${t('who_change', { name: state.listener.name })}
              onMouseDown=${keepFocus} onClick=${() => change({ askListener: 'change' })}>
            <bdi>${state.listener.name}</bdi>
          </button>`}
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

function LanguageMenu() {
  const pick = (event) => {
    setLanguage(event.target.value);
    event.target.blur();
    change({ line: null });
  };
  return html`
    <select aria-label=${t('language')} value=${lang()} onChange=${pick}>
      ${languages.map(({ code, name }) => html`<option value=${code} lang=${code} selected=${code === lang()}>${name}</option>`)}
    </select>`;
}
