// Starts the page: language, theme, drawing, keys, station. The only file that sees all of them.
import { App } from './app.js';
import { startCaps } from './cap.js';
import { startBetween } from './between.js';
import { focusCustomer, startCustomer } from './customer.js';
import { html, render } from './dom.js';
import { startHotkeys } from './hotkeys.js';
import { startHour } from './hour_station.js';
import { startLanguage } from './i18n.js';
import { startListening } from './listening.js';
import { focusNote } from './note.js';
import { startRecent } from './recent.js';
import { openFromAddress, start } from './station.js';
import { change, onChange, state } from './store.js';
import { currentRange, endOpenRange } from './tagging.js';
import { retryAll, takeOver } from './tags.js';
import { startTheme } from './theme.js';

const root = document.getElementById('app');

startLanguage();
startTheme(() => change({}));
onChange(() => render(html`<${App} />`, root));
startHotkeys(focusNote, focusCustomer);
startCaps();
startListening();
startBetween();
startHour();
startCustomer();
startRecent();

addEventListener('hashchange', () => openFromAddress());
addEventListener('popstate', () => openFromAddress());
addEventListener('online', () => retryAll());
addEventListener('beforeunload', (event) => {
  if (state.unsaved || state.saving || currentRange()) event.preventDefault();
});

addEventListener('pagehide', endOpenRange);

change({});
takeOver();
start();
