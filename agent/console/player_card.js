// The open call: its name, its waveform, and the controls.
import { Between, PlayOn } from './between.js';
import { NoteList } from './call_notes.js';
import { Component, createRef, html, keepFocus } from './dom.js';
import { t, tx } from './i18n.js';
import { Measures } from './measures.js';
import { clock, dayAndTime, languageName, listOf, queueName, speedName } from './names.js';
import { plain } from './plain.js';
import * as player from './player.js';
import { Share } from './share.js';
import { state } from './store.js';
import { Waveform } from './waveform.js';
import { Why } from './why.js';

export function PlayerCard({ call }) {
  return html`
    <section class="card" aria-labelledby="call-name">
      <div class="head">
        <h1 id="call-name"><bdi class="queue">${queueName(call)}</bdi> <span class="when"><bdi>${dayAndTime(call.started_at)}</bdi></span></h1>
        ${call.live && html`<span class="badge live">${t('live')}</span>`}
        ${call.sample && html`<span class="badge" title=${t('sample_why')}>${t('sample')}</span>`}
      </div>
      <${Facts} call=${call} />
      <${Waveform} call=${call} peaks=${state.peaks} tags=${state.tags} />
      <${Controls} call=${call} />
      <${Between} />
      <${NoteList} notes=${call.notes ?? []} />
      <${Measures} measures=${call.measures} />
      <${Share} call=${call} />
    </section>`;
}

function Facts({ call }) {
  const agent = call.agent_name || call.agent_ref;
  const facts = [
    !call.live && t('length', { time: clock(call.duration_ms) }),
    agent && t('agent_named', { name: agent }),
    plain(call.team ?? ''),
    languageName(call.language),
    call.listeners?.length > 0 && t('heard_by', { names: listOf(call.listeners.map(({ name }) => name)) }),
  ].filter(Boolean);
  return html`<p class="facts">${facts.map((fact) => html`<span dir="auto">${fact}</span>`)}</p>`;
}

// Which leg is heard, and how loud.
function Ears() {
  const percent = Math.round(player.loudness() * 100);
  return html`
    <span class="ears">
      ${player.canChoose() && html`
        <button id="legs" class=${player.legs()} title=${t('legs_why')} onMouseDown=${keepFocus} onClick=${player.nextLegs}>
          <i class="agent" aria-hidden="true"></i><i class="customer" aria-hidden="true"></i><span class="unseen">${t('legs')}: </span>${t(player.legs())} <kbd>H</kbd></button>`}
      <label class="volume"><span class="unseen">${t('volume')}</span><kbd aria-hidden="true">−</kbd>
        <input id="volume" type="range" min="0" max="100" step="10" value=${percent} onInput=${(event) => player.setLoudness(event.target.value / 100)} />
        <kbd aria-hidden="true">=</kbd></label>
    </span>`;
}

// Why it cannot be heard.
function Problem() {
  const problem = player.problem();
  if (!problem) return null;
  const why = html`<${Why} of=${problem} />`;
  return html`<p class="problem" role="alert">${player.isLive() ? why : tx('audio_failed', { why })}</p>`;
}

class Controls extends Component {
  time = createRef();
  end = createRef();
  left = createRef();

  componentDidMount() {
    this.leave = player.onPlayer(() => this.follow());
  }

  componentWillUnmount() {
    this.leave();
  }

  // The clock moves without a redraw; the rest only when it is different.
  follow() {
    this.time.current.textContent = clock(player.positionMs());
    this.end.current.textContent = `/ ${clock(this.lengthMs())}`;
    this.left.current.textContent = this.leftText();
    const seen = [player.isPlaying(), player.speed(), player.problem()?.code, player.isFollowing(), player.isSkipping(), player.looping(),
      player.legs(), player.loudness(), Math.floor(player.skipped() / 1000), player.isLive() && clock(this.behindMs())].join(' ');
    if (seen !== this.seen) this.setState({});
    this.seen = seen;
  }

  // Of a kept call; in the time it takes to hear it, whatever the speed.
  leftText = () => (player.isLive() ? '' : `−${clock((this.lengthMs() - player.positionMs()) / player.speed())}`);
  lengthMs = () => (player.isLive() ? player.durationMs() : this.props.call.duration_ms);
  behindMs = () => (player.isFollowing() ? 0 : player.durationMs() - player.positionMs());

  render({ call }) {
    const playing = player.isPlaying();
    const pick = (event) => {
      player.setSpeed(Number(event.target.value));
      event.target.blur();
    };
    return html`
      <div class="play" dir="ltr">
        <button class="big" id="play" aria-label=${playing ? t('pause') : t('play')} onMouseDown=${keepFocus} onClick=${player.toggle}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${playing ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 5v14l11-7z'} /></svg>
        </button>
        <span class="time num"><b ref=${this.time} id="position">${clock(player.positionMs())}</b> <span class="soft total" ref=${this.end}>/ ${clock(this.lengthMs())}</span> <span class="soft left" ref=${this.left} id="left" title=${t('time_left')}>${this.leftText()}</span></span>
        <button title=${t('back10')} onMouseDown=${keepFocus} onClick=${() => player.nudge(-10)}><span class="unseen">${t('back10')}</span><span class="num" aria-hidden="true">−10</span> <kbd aria-hidden="true">J</kbd></button>
        <button title=${t('on10')} onMouseDown=${keepFocus} onClick=${() => player.nudge(10)}><span class="unseen">${t('on10')}</span><span class="num" aria-hidden="true">+10</span> <kbd aria-hidden="true">L</kbd></button>
        <button id="loop" aria-pressed=${String(player.looping() !== null)} title=${t('loop_why')} onMouseDown=${keepFocus} onClick=${player.toggleLoop}>
          ${t('loop')} <kbd>I</kbd></button>
        ${call.live ? this.edge() : this.speed(pick)}
        ${player.canSkip() && html`
          <button id="skip-silence" aria-pressed=${String(player.isSkipping())} onMouseDown=${keepFocus} onClick=${player.toggleSkipping}>
            ${t('skip_silence')} <kbd>U</kbd></button>
          ${player.isSkipping() && player.skipped() > 0 && html`<span class="soft num" id="skipped" dir="auto">${t('skipped', { time: clock(player.skipped()) })}</span>`}`}
        ${!call.live && html`<${PlayOn} />`}
        <${Ears} />
      </div>
      <${Problem} />`;
  }

  // Back to what is said now; tells how far behind one is.
  edge() {
    const behind = this.behindMs();
    return html`
      <button id="edge" class=${player.isFollowing() ? 'following' : ''} aria-pressed=${String(player.isFollowing())} title=${t('edge_why')}
          onMouseDown=${keepFocus} onClick=${player.toEdge}><i aria-hidden="true"></i>${t('edge')} <kbd>O</kbd></button>
      ${!player.isFollowing() && behind >= 1000 && html`<span class="soft num" id="behind" dir="auto">${t('behind', { time: clock(behind) })}</span>`}`;
  }

  speed(pick) {
    return html`
        <label class="speed"><span class="unseen">${t('speed')}</span>
          <kbd>,</kbd>
          <select id="speed" class="num" value=${player.speed()} onChange=${pick}>
            ${player.kSpeeds.map((rate) => html`<option value=${rate} selected=${rate === player.speed()}>${speedName(rate)}</option>`)}
          </select>
          <kbd>.</kbd>
        </label>`;
  }
}
