// What can be taken out of a call: a link to the moment that is heard, and its tags for other programs.
import * as api from './api.js';
import { html, keepFocus } from './dom.js';
import { momentLink } from './fragment.js';
import { lang, t } from './i18n.js';
import { clock } from './names.js';
import * as player from './player.js';
import { change } from './store.js';

const kFormats = [['webvtt', 'WebVTT'], ['audacity', 'Audacity'], ['csv', 'CSV'], ['vcon', 'vCon']]; // names, in no language

export function Share({ call }) {
  const copy = async () => {
    const at = player.positionMs();
    const link = momentLink(location.origin, call.call_id, at);
    const text = await navigator.clipboard.writeText(link).then(() => t('link_copied', { at: clock(at) }), () => link);
    change({ line: { text }, said: text });
  };
  const path = `/api/v1/${api.callPath(call.call_id)}/export?language=${lang()}&format=`;
  return html`
    <div class="share">
      <button class="quiet small" id="copy-link" onMouseDown=${keepFocus} onClick=${copy}>${t('copy_link')}</button>
      ${!call.live && html`
        <span class="soft" id="export-title">${t('export_tags')}</span>
        <ul aria-labelledby="export-title">${kFormats.map(([format, name]) => html`
          <li><a href=${path + format} download dir="ltr">${name}</a></li>`)}
        </ul>`}
    </div>`;
}

// The stretch of a tag as a sound file.
export const clipAddress = (tag) => `/api/v1/tags/${encodeURIComponent(tag.event_id)}/clip`;
