// What the station raises by itself, one line each, until a person has read it.
import { html } from './dom.js';
import { t } from './i18n.js';
import { change, state } from './store.js';
import { Why } from './why.js';

export function Alarms() {
  const dismiss = (code) => change({ alarms: state.alarms.filter((alarm) => alarm.code !== code) });
  return html`
    <div class="alarms" role="alert">
      ${state.alarms.map(({ code, message }) => html`
        <p class="alarm" key=${code}>
          <span><${Why} of=${{ code, message }} /></span>
          <button onClick=${() => dismiss(code)}>${t('dismiss')}</button>
        </p>`)}
    </div>`;
}
