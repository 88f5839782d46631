// What a key press means. A point kind is tagged at once at the place that is heard; a range kind opens
// with one press and closes with the next, or with the release when the key was held.
import { clock } from './names.js';
import { t } from './i18n.js';
import * as player from './player.js';
import { change, state } from './store.js';
import { hiddenCount, isShown, keyCap, kindById, kindLabel } from './tagbook.js';
import * as tags from './tags.js';

const kHoldMs = 400; // longer than a tap, shorter than patience: releasing after this closes a range

let openRange = null; // {kind, callId, startMs, pressedAt, input}

export const currentRange = () => openRange;

// Decimal milliseconds, to the microsecond; a browser's clock may end a little past the call.
const now = () => Math.min(Math.round(player.positionMs() * 1000) / 1000, player.durationMs());

const say = (key, params) => change({ said: t(key, params) });
const named = (tag) => ({ kind: kindLabel(tag.kind), at: clock(tag.position_ms) });

export function press(kind, input) {
  if (!state.call) return change({ line: { text: t('need_call') } });
  if (!isShown(kind)) return sayHidden(kind);
  if (kind.shape !== 'range') return void addPoint(kind, input);
  if (openRange?.kind.id === kind.id) return closeRange(input);
  if (openRange) closeRange(input);
  openRange = { kind, callId: state.call.call_id, startMs: now(), pressedAt: performance.now(), input };
  change({ line: null, said: t('range_open', { kind: kindLabel(kind.id), at: clock(openRange.startMs) }) });
}

export function release(kind, input) {
  if (openRange?.kind.id === kind.id && performance.now() - openRange.pressedAt > kHoldMs) closeRange(input);
}

function sayHidden(kind) {
  change({ line: { text: t('key_hidden', { key: keyCap(kind.key), kind: kindLabel(kind.id) }), action: 'all-keys', label: t('keys_more', { n: hiddenCount() }) } });
}

// Where the tag will stand until the station tells: lead and lag as it computes them.
function shown(kind, fromMs, toMs) {
  const rate = player.speed();
  return {
    position_ms: fromMs,
    start_ms: Math.max(0, fromMs - (kind?.lead_ms ?? 0) * rate),
    end_ms: Math.min(player.durationMs(), toMs + (kind?.lag_ms ?? 0) * rate),
  };
}

const going = () => (player.isLive() ? { live: true } : {});

function addPoint(kind, input) {
  const position = now();
  change({ line: null });
  tags.add({
    call_id: state.call.call_id, kind: kind.id, position_ms: position, playback_rate: player.speed(), input, ...going(),
  }, shown(kind, position, position));
}

function closeRange(input) {
  const { kind, callId, startMs } = openRange;
  openRange = null;
  const endMs = now();
  const [from, to] = startMs <= endMs ? [startMs, endMs] : [endMs, startMs]; // sought back while it was open
  change({ line: null });
  tags.add({
    call_id: callId, kind: kind.id, pressed_ms: from, released_ms: to, playback_rate: player.speed(), input, ...going(),
  }, shown(kind, from, to));
}

// The call is about to be left: what is open ends here rather than being lost.
export function endOpenRange() {
  if (openRange) closeRange(openRange.input);
}

export function cancelRange() {
  if (!openRange) return false;
  const text = t('range_cancelled', { kind: kindLabel(openRange.kind.id) });
  openRange = null;
  change({ line: { text }, said: text });
  return true;
}

export function undo(tag = tags.lastOwn()) {
  if (!tag) return change({ line: { text: t('undo_none') }, said: t('undo_none') });
  tags.retract(tag);
}

// A retraction is for good, so putting it back is a new tag at the old place.
export function putBack(tag) {
  change({ line: null });
  const { event_id, ...content } = tag.content ?? contentOf(tag);
  if (tag.note) content.note = tag.note;
  tags.add(content, { position_ms: tag.position_ms, start_ms: tag.start_ms, end_ms: tag.end_ms });
}

// For a tag made before this page was opened, from what the station told about it.
function contentOf(tag) {
  const base = { call_id: tag.call_id, kind: tag.kind, input: 'pointer' };
  const kind = kindById(tag.kind);
  if (kind?.shape !== 'range') return { ...base, position_ms: tag.position_ms };
  return { ...base, pressed_ms: tag.position_ms, released_ms: Math.max(tag.position_ms, tag.end_ms - (kind.lag_ms ?? 0)) };
}

tags.whenTagChanges((outcome, tag, why) => {
  if (outcome === 'failed') return say('not_saved_said', { ...named(tag), why });
  if (outcome === 'undone') change({ line: { text: t('undone', named(tag)), action: 'put-back', label: t('put_back'), tag } });
  say(outcome, named(tag));
});
