// Goes to the place of a tag, in whatever call it is.
import * as api from './api.js';
import { leaveBook } from './book_address.js';
import { t } from './i18n.js';
import * as player from './player.js';
import { noted } from './refused.js';
import { openCall } from './station.js';
import { change, state } from './store.js';
import { whyText } from './why.js';

let asked = 0;

// Who went elsewhere in the page while the station was asked stays there.
export async function openTag({ event_id: id, call_id: call, start_ms: start }) {
  const [mine, from] = [++asked, location.href];
  const here = await api.get(api.callPath(call)).catch((error) => error);
  if (mine !== asked || location.href !== from) return;
  if (here instanceof Error) return noted(here, tell);
  if (state.view !== 'desk') leaveBook();
  await openCall(call);
  const at = here.tags?.find((tag) => tag.event_id === id)?.start_ms ?? start;
  if (at !== undefined && state.call?.call_id === call) player.seekTo(at);
}

function tell(error) {
  const text = error.code === 'E_NO_CALL' ? t('call_elsewhere') : whyText(error);
  change({ line: { text }, said: text });
}
