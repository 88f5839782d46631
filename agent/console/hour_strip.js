// Above the desk while the hour is under way: how far it is, and the few things one does on the way.
import { Component, html, keepFocus } from './dom.js';
import { HourBar, minutes } from './hour_bar.js';
import { pageAddress } from './hour_page.js';
import { addCall, isOn, placeInHour, playHour, remaining, skipCall, stopHour } from './hour_station.js';
import { t } from './i18n.js';
import * as player from './player.js';
import { state } from './store.js';

export class HourStrip extends Component {
  componentDidMount() {
    this.leave = player.onPlayer(() => player.isPlaying() !== this.playing && this.setState({}));
  }

  componentWillUnmount() {
    this.leave();
  }

  render() {
    this.playing = player.isPlaying();
    return isOn() && state.hour.calls ? html`<${Strip} hour=${state.hour} open=${state.call} playing=${this.playing} />` : null;
  }
}

function Strip({ hour, open, playing }) {
  const place = placeInHour(open?.call_id);
  const { first, left, leftMs } = remaining(hour);
  const isPaused = first?.call_id === open?.call_id && player.positionMs() > 0; // then Play goes on
  const mayGoOn = first && !state.between?.ofHour && (place < 0 || !playing) && !isPaused;
  return html`
    <section class="hour-strip" aria-labelledby="hour-strip-title">
      <div>
        <h2 id="hour-strip-title" tabindex="-1"><a href=${pageAddress('hour')}>${t('hour')}</a></h2>
        <p id="hour-place">${place >= 0 ? t('hour_call_of', { at: place + 1, n: hour.calls.length }) : t(left ? 'hour_elsewhere' : hour.calls.some(({ heard }) => heard) ? 'hour_all' : 'hour_none_left')}</p>
        <p class="soft num">${left ? t('hour_left_short', { heard: minutes(hour.heard_ms), left: minutes(leftMs) }) : t('hour_minutes', { n: Math.round(hour.heard_ms / 60_000), heard: minutes(hour.heard_ms) })}</p>
        <span class="hour-acts">
          ${place >= 0 && html`<button id="hour-pause" onMouseDown=${keepFocus} onClick=${player.toggle}>${t(playing ? 'pause' : 'play')}</button>`}
          ${place >= 0 && hour.calls[place].here && !hour.calls[place].skipped && !hour.calls[place].heard && html`
            <button id="hour-skip" onMouseDown=${keepFocus} onClick=${() => skipCall(hour.calls[place])}>${t('hour_skip')}</button>`}
          ${place < 0 && open && !open.live && !open.sample && html`
            <button id="hour-add" onMouseDown=${keepFocus} onClick=${() => addCall(open)}>${t('hour_add')}</button>`}
          ${mayGoOn && html`<button id="hour-on" onMouseDown=${keepFocus} onClick=${playHour}>${t('hour_go_on')}</button>`}
          ${!left && html`<a href=${pageAddress('hour', hour.hour_id)}>${t('note_open')}</a>`}
          <button class="quiet" id="hour-stop" onMouseDown=${keepFocus} onClick=${() => { player.pause(); stopHour(); }}>${t('hour_stop')}</button>
        </span>
      </div>
      <${HourBar} hour=${hour} />
    </section>`;
}
