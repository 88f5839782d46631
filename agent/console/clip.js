// The stretch of a tag, played in place: one at a time, apart from the player of the desk, and counted as heard by
// nobody.
import { Component, html } from './dom.js';
import { t } from './i18n.js';
import { clock } from './names.js';
import * as player from './player.js';
import { clipAddress } from './share.js';

const audio = new Audio();
let playing = '';        // event id
const failed = new Set(); // those that are not there any more
const buttons = new Set();

const tell = () => buttons.forEach((button) => button.setState({}));

for (const event of ['ended', 'pause']) {
  audio.addEventListener(event, () => {
    if (!audio.paused) return; // another one began meanwhile
    playing = '';
    tell();
  });
}
audio.addEventListener('error', async () => {
  const id = playing;
  playing = '';
  tell();
  const answer = id && (await fetch(audio.src, { method: 'HEAD' }).catch(() => null));
  if (answer?.status !== 404) return; // it may come yet
  failed.add(id);
  tell();
});

export function stopClip() {
  audio.pause();
}

function toggle(tag) {
  if (playing === tag.event_id) return stopClip();
  if (!player.isLive()) player.pause();
  audio.src = clipAddress(tag);
  playing = tag.event_id;
  audio.play().catch(() => {}); // a bad one says so by itself
  tell();
}

// name: of what is heard, for who does not see what stands beside the button.
export class Clip extends Component {
  componentDidMount() {
    buttons.add(this);
  }

  componentWillUnmount() {
    buttons.delete(this);
    if (playing === this.props.tag.event_id) stopClip();
  }

  render({ tag, name }) {
    const at = clock(tag.position_ms ?? tag.start_ms);
    if (tag.here === false || failed.has(tag.event_id)) return html`<span class="soft">${t('clip_gone')}</span>`;
    const on = playing === tag.event_id;
    const label = `${on ? t('pause') : t('play')}: ${name}, ${at}`;
    return html`
      <button class="clip" aria-label=${label} aria-pressed=${String(on)} onClick=${() => toggle(tag)}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${on ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 5v14l11-7z'} /></svg>
        <span class="num">${at}</span></button>`;
  }
}
