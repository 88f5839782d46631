// What was measured in a call: how much each leg talks, silences, talking over each other, loudness. One
// table, folded: it is for whoever asks.
import { html, keepFocus } from './dom.js';
import { locale, t } from './i18n.js';
import { clock, clockSpan } from './names.js';

export function Measures({ measures }) {
  if (!measures?.legs?.length) return null;
  const { legs, silences = [], talk_over: over = [] } = measures;
  const named = legs.length === 1 ? [t('both')] : [t('agent'), t('customer')];
  const silentMs = silences.reduce((sum, [start, end]) => sum + end - start, 0);
  return html`
    <details class="measures">
      <summary onMouseDown=${keepFocus}>${t('measures')}</summary>
      <table>
        <thead><tr><td></td>${named.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody class="num">
          <${Row} name=${t('talk_share')} values=${legs.map((leg) => percent(leg.share))} />
          <${Row} name=${t('longest_turn')} values=${legs.map((leg) => clock(leg.longest_ms))} />
          <${Row} name=${t('loudness')} values=${legs.map((leg) => loudness(leg))} />
        </tbody>
      </table>
      <p>${t('silences', { n: silences.length })} <span class="num soft">${clock(silentMs)}</span></p>
      ${legs.length > 1 && html`<p>${t('talk_overs', { n: over.length })} <span class="num soft">${clockSpan(0, measures.talk_over_ms).to}</span></p>`}
    </details>`;
}

const Row = ({ name, values }) => html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td><bdi>${value}</bdi></td>`)}</tr>`;

const percent = (share) => new Intl.NumberFormat(locale(), { style: 'percent' }).format(share ?? 0);

function loudness({ loudness_lufs: lufs, clipped }) {
  if (typeof lufs !== 'number') return '–';
  const text = `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 0 }).format(lufs)} LUFS`;
  return clipped > 0 ? `${text}, ${t('clipped')}` : text;
}
