// Fifty-two weeks: every leader's row, week by week, without a score; and where somebody has listened, and where
// nobody has. A week is named by its days.
import * as api from './api.js';
import { Component, html } from './dom.js';
import { HourPage } from './hour_page.js';
import { minutes } from './hour_bar.js';
import { lang, locale, ownCalendar, t, tx } from './i18n.js';
import { listOf, queueName } from './names.js';
import { change, state } from './store.js';
import { uuid7 } from './uuid7.js';
import { dayText, number, today, weekText } from './weeks.js';
import { Why, whyText } from './why.js';

const kYears = 4; // to choose from: the one that comes, for weeks off, this one and those before

export class Cadence extends Component {
  state = { cadence: null, error: null, year: '' };

  componentDidMount() {
    this.read();
  }

  componentDidUpdate() {
    if (this.told !== state.told) this.read();
  }

  read = async (year = this.state.year) => {
    this.told = state.told;
    try {
      const cadence = await api.get(`cadence${year && `?year=${year}`}`);
      if (year === this.state.year) this.setState({ cadence, error: null });
    } catch (error) {
      this.setState({ error });
    }
  };

  pick = (event) => {
    this.setState({ year: event.target.value });
    this.read(event.target.value);
  };

  render(_, { cadence, error, year }) {
    const now = new Date().getFullYear();
    const years = Array.from({ length: kYears }, (_one, i) => String(now + 1 - i));
    return html`
      <${HourPage}>
        <section class="card hour-now">
          <div class="keys-head"><h1 tabindex="-1">${t('cadence')}</h1>
            <label class="year"><span class="unseen">${t('cadence_year')}</span>
              <select id="year" value=${year} onChange=${this.pick}><option value="">${t('cadence_last')}</option>${years.map((one) => html`<option value=${one} selected=${one === year}>${one}</option>`)}</select></label></div>
          ${error && html`<p class="problem" role="alert">${tx('cadence_unread', { why: html`<${Why} of=${error} />` })}</p>`}
          ${cadence && cadence.leaders.length === 0 && html`<p class="soft">${t('cadence_nobody')}</p>`}
          ${(cadence?.leaders ?? []).map((leader) => html`<${Leader} key=${leader.id} leader=${leader} weeks=${cadence.weeks} />`)}
          ${cadence?.leaders.length > 0 && html`<${Legend} /><${AsTable} cadence=${cadence} />`}
        </section>
        ${cadence && html`<${WeekOff} cadence=${cadence} again=${this.read} /><${Places} cadence=${cadence} />`}
        <${Remind} />
      </${HourPage}>`;
  }
}

const named = (weeks, first) => weekText(weeks.find(({ from }) => from === first)) || dayText(first);

function Leader({ leader, weeks }) {
  const { name, missed } = leader;
  return html`
    <section class="leader" data-leader=${leader.id} aria-label=${name}>
      <h2><bdi>${name}</bdi></h2>
      <div class="weeks" aria-hidden="true">${weeks.map((week, i) => html`
        <i key=${week.from} class=${`${leader.weeks[i]} ${week.now ? 'now' : ''}`} title=${`${weekText(week)}: ${t(`week_${leader.weeks[i]}`)}`}></i>`)}</div>
      <p class="soft">${leader.of === 0 ? t('cadence_begins') : t('cadence_of', { n: leader.of, heard: number(leader.heard), of: number(leader.of) })}
        ${missed.length > 0 && ` ${t('cadence_missed', { weeks: listOf(missed.map((first) => named(weeks, first))) })}`}</p>
    </section>`;
}

const Legend = () => html`
  <p class="legend soft" aria-hidden="true">${['heard', 'missed', 'off', 'open'].map((what) => html`<span key=${what}><i class=${what}></i> ${t(`week_${what}`)}</span>`)}</p>`;

// The same for who does not see the marks.
function AsTable({ cadence: { leaders, weeks } }) {
  return html`
    <div class="unseen"><table><caption>${t('cadence')}</caption>
      <thead><tr><th scope="col">${t('cadence_week')}</th>${leaders.map(({ id, name }) => html`<th scope="col" key=${id}>${name}</th>`)}</tr></thead>
      <tbody>${weeks.map((week, i) => html`
        <tr key=${week.from}><th scope="row">${weekText(week)}</th>${leaders.map((leader) => html`<td key=${leader.id}>${t(`week_${leader.weeks[i]}`)}${leader.ms[i] > 0 && `, ${t('hour_minutes', { n: Math.round(leader.ms[i] / 60_000), heard: minutes(leader.ms[i]) })}`}</td>`)}</tr>`)}
      </tbody></table></div>`;
}

// A week of one's own that is a holiday, or is one no more.
class WeekOff extends Component {
  state = { week: '', why: '' };

  tell = async (off) => {
    const week = this.chosen();
    try {
      await api.post(`cadence/weeks/${week}`, { off, event_id: uuid7() });
      this.setState({ why: '' });
      change({ said: t(off ? 'week_off_said' : 'week_on_said', { week: named(this.props.cadence.weeks, week) }) });
      this.props.again();
    } catch (error) {
      this.setState({ why: whyText(error) });
    }
  };

  // This week, or the nearest there is.
  chosen = () => {
    const { weeks } = this.props.cadence;
    const near = weeks.find(({ now }) => now) ?? weeks.find(({ to }) => to >= today()) ?? weeks.at(-1);
    return weeks.some(({ from }) => from === this.state.week) ? this.state.week : near.from;
  };

  render({ cadence: { leaders, weeks } }, { why }) {
    const mine = leaders.find(({ id }) => id === state.listener?.id);
    if (!mine || mine.weeks.every((what) => what === 'before')) return null;
    const week = this.chosen();
    const what = mine.weeks[weeks.findIndex(({ from }) => from === week)];
    const off = what === 'off';
    return html`
      <section class="card" aria-labelledby="week-off-title">
        <h2 id="week-off-title">${t('holiday')}</h2>
        <p class="soft">${t('week_off_why')}</p>
        <p class="acts">
          <select id="week-off-week" aria-label=${t('cadence_week')} value=${week} onChange=${(event) => this.setState({ week: event.target.value })}>
            ${weeks.map((one, i) => mine.weeks[i] !== 'before' && html`<option key=${one.from} value=${one.from} selected=${one.from === week}>${weekText(one)}: ${t(`week_${mine.weeks[i]}`)}</option>`)}</select>
          <button id="week-off" disabled=${what === 'heard'} onClick=${() => this.tell(!off)}>${t(off ? 'week_off_undo' : 'week_off_do')}</button></p>
        ${why && html`<p class="problem" role="alert">${t('hour_failed', { why })}</p>`}
      </section>`;
  }
}

const placeName = ({ queue, team }) => (team ? `${queueName({ queue })} (${team})` : queueName({ queue }));

function Places({ cadence: { places, unheard } }) {
  if (!places.length && !unheard.length) return null;
  return html`
    <section class="card" aria-labelledby="places-title">
      <h2 id="places-title">${t('cadence_places')}</h2>
      ${places.length > 0 && html`
        <table class="places"><thead><tr><th scope="col">${t('filter_queue')}</th><th scope="col">${t('cadence_team')}</th><th scope="col">${t('cadence_minutes')}</th></tr></thead>
          <tbody>${places.map((place) => html`<tr key=${placeName(place)}><td><bdi>${queueName(place)}</bdi></td><td><bdi>${place.team}</bdi></td><td class="num">${minutes(place.ms)}</td></tr>`)}</tbody></table>`}
      ${unheard.length > 0 && html`<p id="unheard-places">${t('cadence_unheard', { places: listOf(unheard.map(placeName)) })}</p>`}
    </section>`;
}

const kDays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
// The first of November 2026 is a Sunday.
const dayName = (i) => ownCalendar()?.weekdays[i] ?? new Intl.DateTimeFormat(locale(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, 10, 1 + i));

class Remind extends Component {
  state = { day: 'monday', at: '09:00' };

  render(_, { day, at }) {
    const path = `/api/v1/hour.ics?day=${day}&at=${at}&language=${lang()}`;
    return html`
      <section class="card remind" aria-labelledby="remind-title">
        <h2 id="remind-title">${t('remind')}</h2>
        <p class="soft">${t('remind_why')}</p>
        <p class="acts">
          <select id="remind-day" aria-label=${t('remind_day')} value=${day} onChange=${(event) => this.setState({ day: event.target.value })}>${kDays.map((one, i) => html`<option key=${one} value=${one} selected=${one === day}>${dayName(i)}</option>`)}</select>
          <input id="remind-at" type="time" aria-label=${t('remind_at')} value=${at} onInput=${(event) => event.target.value && this.setState({ at: event.target.value })} />
          <a id="remind-link" href=${path} download="earful.ics">${t('remind_link')}</a></p>
        <p class="soft"><code dir="ltr">${location.origin + path}</code></p>
      </section>`;
  }
}
