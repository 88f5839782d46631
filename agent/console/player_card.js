// The open call: its name, its waveform, and the controls.
import { Component, createRef, html, keepFocus } from './dom.js';
import { t } from './i18n.js';
import { clock, dayAndTime, languageName, queueName, speedName } from './names.js';
import * as player from './player.js';
import { state } from './store.js';
import { Waveform } from './waveform.js';

export function PlayerCard({ call }) {
  return html`
    <section class="card" aria-labelledby="call-name">
      <div class="head">
        <h1 id="call-name"><bdi class="queue">${queueName(call)}</bdi> <span class="when"><bdi>${dayAndTime(call.started_at)}</bdi></span></h1>
        ${call.sample && html`<span class="badge" title=${t('sample_why')}>${t('sample')}</span>`}
      </div>
      <${Facts} call=${call} />
      <${Waveform} call=${call} peaks=${state.peaks} tags=${state.tags} />
      <${Controls} call=${call} />
    </section>`;
}

function Facts({ call }) {
  const agent = call.agent_name || call.agent_ref;
  const facts = [
    t('length', { time: clock(call.duration_ms) }),
    agent && t('agent_named', { name: agent }),
    call.team,
    languageName(call.language),
  ].filter(Boolean);
  return html`<p class="facts">${facts.map((fact) => html`<span><bdi dir="auto">${fact}</bdi></span>`)}</p>`;
}

class Controls extends Component {
  time = createRef();

  componentDidMount() {
    this.leave = player.onPlayer(() => this.follow());
  }

  componentWillUnmount() {
    this.leave();
  }

  // The clock moves without a redraw; the rest only when it is different.
  follow() {
    this.time.current.textContent = clock(player.positionMs());
    const seen = `${player.isPlaying()} ${player.speed()} ${player.problem()}`;
    if (seen !== this.seen) this.setState({});
    this.seen = seen;
  }

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
        <span class="time num"><b ref=${this.time} id="position">${clock(player.positionMs())}</b> <span class="soft">/ ${clock(call.duration_ms)}</span></span>
        <button title=${t('back10')} onMouseDown=${keepFocus} onClick=${() => player.nudge(-10)}><span class="unseen">${t('back10')}</span><span class="num" aria-hidden="true">−10</span> <kbd aria-hidden="true">J</kbd></button>
        <button title=${t('on10')} onMouseDown=${keepFocus} onClick=${() => player.nudge(10)}><span class="unseen">${t('on10')}</span><span class="num" aria-hidden="true">+10</span> <kbd aria-hidden="true">L</kbd></button>
        <label class="speed"><span class="unseen">${t('speed')}</span>
          <kbd>,</kbd>
          <select id="speed" class="num" value=${player.speed()} onChange=${pick}>
            ${player.kSpeeds.map((rate) => html`<option value=${rate} selected=${rate === player.speed()}>${speedName(rate)}</option>`)}
          </select>
          <kbd>.</kbd>
        </label>
      </div>
      ${player.problem() && html`<p class="problem" role="alert">${t('audio_failed', { why: player.problem() })}</p>`}`;
  }
}
