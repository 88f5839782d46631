// The gentle bar of the hour: each call as wide as it is long, filled as far as it was heard.
import { html } from './dom.js';
import { heardMsOf } from './hour_station.js';
import { t } from './i18n.js';
import { state } from './store.js';
import { number } from './weeks.js';

const share = (call) => (call.heard ? 1 : call.duration_ms > 0 ? heardMsOf(call) / call.duration_ms : 0);

export const minutes = (ms) => number(Math.round(ms / 60_000));

export function HourBar({ hour }) {
  const calls = hour.calls.filter((call) => call.here || share(call) > 0);
  const whole = calls.reduce((sum, call) => sum + call.duration_ms, 0);
  const done = calls.reduce((sum, call) => sum + call.duration_ms * (call.skipped ? 1 : share(call)), 0);
  return html`
    <div class="hour-bar" role="progressbar" aria-label=${t('hour')} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${whole ? Math.round((100 * done) / whole) : 0}
        aria-valuetext=${t('hour_minutes', { n: Math.round(hour.heard_ms / 60_000), heard: minutes(hour.heard_ms) })}>
      ${calls.map((call) => html`
        <i key=${call.call_id} class=${`${call.skipped ? 'skipped' : ''} ${call.call_id === state.call?.call_id ? 'now' : ''}`} style=${{ flexGrow: call.duration_ms }}><b style=${{ width: `${100 * share(call)}%` }}></b></i>`)}
    </div>`;
}
