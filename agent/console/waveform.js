// Both legs of the call as a waveform from the station's peaks, the tags and notes over it, and the place
// that is heard. Time runs left to right in every language. The slider under it makes seeking possible
// without a pointer: the page's arrow keys move it by 5 seconds. A live call grows into free room at the
// right; when that is used up, the scale steps.
import { NoteMarks, SilenceMarks } from './call_notes.js';
import { Component, createRef, html, keepFocus, Steady } from './dom.js';
import { flagsOf } from './flags.js';
import { t } from './i18n.js';
import { isShown } from './listening.js';
import { clock } from './names.js';
import * as player from './player.js';
import { state } from './store.js';
import { currentRange } from './tagging.js';
import { familyClass, kindLabel } from './tagbook.js';
import { isDark } from './theme.js';
import WaveSurfer from './vendor/wavesurfer.js';

const kLegHeight = 92;   // px of one leg
const kAhead = 0.42;     // strength of the colour of what is still to be heard
const kTicks = 6;        // times under the waveform, at most
const kQuiet = 0.1;      // of full scale
const kStepMs = 20;      // of peaks
const kRoomMinutes = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90]; // how long a live call is drawn; then by the hour

// How much time the waveform's width stands for.
function drawnMs(call) {
  if (!call.live) return call.duration_ms;
  const minutes = player.durationMs() / 60_000;
  return 60_000 * (kRoomMinutes.find((room) => minutes < room) ?? 60 * Math.ceil((minutes + 1) / 60));
}

export class Waveform extends Component {
  place = createRef();
  slider = createRef();
  agent = createRef();
  customer = createRef();
  range = createRef();
  state = { width: 0 };

  componentDidMount() {
    this.observer = new ResizeObserver(() => this.setState({ width: this.place.current?.clientWidth ?? 0 }));
    this.observer.observe(this.place.current);
    this.leave = player.onPlayer(() => this.follow());
    this.draw();
  }

  componentDidUpdate(before) {
    const grown = before.peaks !== this.props.peaks;
    if (this.surfer && grown && this.props.call.live && this.drawnDark === isDark()) this.grow();
    else if (grown || this.drawnDark !== isDark()) this.draw();
    this.follow();
  }

  componentWillUnmount() {
    this.observer.disconnect();
    this.leave();
    this.surfer?.destroy();
  }

  draw() {
    this.surfer?.destroy();
    this.surfer = null;
    this.drawnDark = isDark();
    const { call, peaks } = this.props;
    if (!peaks?.peaks?.length) return;
    const lengthMs = drawnMs(call);
    const legs = scaled(peaks.peaks.map((pairs) => loudness(pairs, call.live ? lengthMs / kStepMs : pairs.length / 2)));
    const colours = legs.length === 1
      ? [colourOf(this.agent.current)]
      : [colourOf(this.agent.current), colourOf(this.customer.current)];
    const paper = colourOf(this.place.current.closest('.card'), 'backgroundColor');
    const split = legs.map((_, leg) => ({ waveColor: faded(colours[leg], paper), progressColor: colours[leg], height: legs.length === 1 ? 2 * kLegHeight : kLegHeight }));
    this.surfer = WaveSurfer.create({
      container: this.place.current,
      ...(call.live ? {} : { media: player.element, url: player.element.src }),
      peaks: legs,
      duration: lengthMs / 1000,
      splitChannels: split,
      height: kLegHeight,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      barMinHeight: 1,
      maxPeak: 1,
      normalize: true,
      cursorWidth: 2,
      cursorColor: colourOf(this.place.current),
      dragToSeek: true,
      hideScrollbar: true,
      cspNonce: document.querySelector('link[nonce]')?.nonce,
    });
    this.surfer.on('error', () => {}); // the player says what is wrong with the audio
    if (call.live) this.surfer.on('interaction', (seconds) => player.seekTo(seconds * 1000));
  }

  grow() {
    const { call, peaks } = this.props;
    const lengthMs = drawnMs(call);
    const legs = scaled(peaks.peaks.map((pairs) => loudness(pairs, lengthMs / kStepMs)));
    this.surfer.load('', legs, lengthMs / 1000).then(() => this.follow());
  }

  // Moves what moves with the audio, without a redraw.
  follow() {
    const slider = this.slider.current;
    if (!slider) return;
    const { call } = this.props;
    const at = player.positionMs();
    const lengthMs = drawnMs(call);
    if (call.live) this.surfer?.setTime(at / 1000);
    slider.setAttribute('aria-valuenow', String(Math.floor(at / 1000)));
    slider.setAttribute('aria-valuemax', String(Math.ceil(soundMs(call) / 1000)));
    slider.setAttribute('aria-valuetext', t('waveform_at', { at: clock(at), length: clock(soundMs(call)) }));
    const open = currentRange();
    const range = this.range.current;
    if (range && open) {
      const [from, to] = [Math.min(open.startMs, at), Math.max(open.startMs, at)];
      range.style.left = `${(from / lengthMs) * 100}%`;
      range.style.width = `${((to - from) / lengthMs) * 100}%`;
    }
  }

  render({ call, peaks, tags }, { width }) {
    const open = currentRange();
    const mono = call.legs === 1;
    const lengthMs = drawnMs(call);
    return html`
      <div class="wave" dir="ltr">
        <div class="slider" ref=${this.slider} id="seek" role="slider" tabindex="0" aria-label=${t('waveform')}
          aria-valuemin="0" aria-valuemax=${Math.ceil(soundMs(call) / 1000)} aria-valuenow="0"></div>
        <${SilenceMarks} silences=${call.measures?.silences ?? []} lengthMs=${lengthMs} />
        <div class="place" ref=${this.place}></div>
        <${NoteMarks} notes=${call.notes ?? []} lengthMs=${lengthMs} />
        <span class="leg agent" ref=${this.agent}>${mono ? t('both') : t('agent')}</span>
        <span class="leg customer" ref=${this.customer} hidden=${mono}>${t('customer')}</span>
        ${open && html`<div class=${`open-range ${familyClass(open.kind.id)}`} ref=${this.range}></div>`}
        ${flagsOf(tags.filter(isShown), lengthMs, width, kindLabel).map((flag) => html`<${Flag} key=${flag.tag.event_id} ...${flag} name=${`${clock(flag.tag.position_ms)} ${kindLabel(flag.tag.kind)}`} family=${familyClass(flag.tag.kind)} />`)}
        ${peaks === null && html`<p class="soft missing">${t('waveform_missing')}</p>`}
      </div>
      <${Axis} durationMs=${lengthMs} />`;
  }
}

class Flag extends Steady {
  render({ tag, name, family, label, lane, left, shadeLeft, shadeWidth, flipped }) {
    const shade = { left: `${shadeLeft}%`, width: `${shadeWidth}%` };
    return html`
      <i class=${`shade ${family}`} style=${shade}></i>
      <button class=${`flag ${family} ${flipped ? 'flipped' : ''} ${label ? '' : 'bare'}`} style=${{ left: `${left}%`, '--lane': lane }}
          title=${name} aria-label=${name} tabindex="-1" onMouseDown=${keepFocus} onClick=${() => player.playFrom(tag.start_ms)}>
        ${label && html`<span>${label}</span>`}
      </button>`;
  }
}

function Axis({ durationMs }) {
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = (steps.find((seconds) => durationMs / 1000 / seconds <= kTicks) ?? 7200) * 1000;
  const ticks = [];
  for (let at = 0; at < durationMs - step * 0.4; at += step) ticks.push(at);
  return html`
    <div class="axis num" dir="ltr" aria-hidden="true">
      ${ticks.map((at) => html`<span style=${{ left: `${(at / durationMs) * 100}%` }}>${clock(at)}</span>`)}
      <span class="last">${clock(durationMs)}</span>
    </div>`;
}

const soundMs = (call) => (call.live ? player.durationMs() : call.duration_ms);

// min, max, min, max… of one leg as one height per step; steps that are not known (yet) are flat.
export function loudness(pairs, steps) {
  const out = new Float32Array(Math.ceil(steps));
  for (let i = 0; i < out.length; i++) out[i] = Math.max(Math.abs(pairs[2 * i] ?? 0), Math.abs(pairs[2 * i + 1] ?? 0));
  return out;
}

// The loudest of both legs reaches the top; what is hardly more than silence does not.
function scaled(legs) {
  const loudest = Math.max(kQuiet, ...legs.map((leg) => leg.reduce((max, value) => Math.max(max, value), 0)));
  return legs.map((leg) => leg.map((value) => value / loudest));
}

const colourOf = (element, property = 'color') => getComputedStyle(element)[property];

// Mixed into the paper rather than made transparent: wavesurfer paints what was heard through the shape of
// what is drawn here, so transparency would fade both.
function faded(colour, paper) {
  const [ink, under] = [colour, paper].map((text) => text.match(/[\d.]+/g).slice(0, 3).map(Number));
  return `rgb(${ink.map((part, i) => Math.round(part * kAhead + under[i] * (1 - kAhead))).join(', ')})`;
}
