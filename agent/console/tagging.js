// What a key press means. A point kind is tagged at once at the place that is heard. A range kind begins
// with the press; it ends with the release when the key was held, otherwise with the next press.
import { callName, clock } from './names.js';
import { t } from './i18n.js';
import { codeOfKind } from './keymap.js';
import * as player from './player.js';
import { change, state } from './store.js';
import { hiddenCount, isSerious, isShown, keyCap, kindById, kindLabel } from './tagbook.js';
import * as tags from './tags.js';
import { whyText } from './why.js';
import { tick } from './tick.js';
import * as steps from './undo.js';

const kTapMs = 350;          // a key held longer is let go where the range ends
const kBounceMs = 250;       // of one key: its contacts, not a finger
const kTakeBackMs = 5000;    // before colleagues are told of a tag of severity one
const kAskAfterMs = 600_000; // a range open this long was probably forgotten

let openRange = null; // {kind, callId, startMs, pressedAt, input, asking, timer}
let lastKey = { kind: '', at: -Infinity };

export const currentRange = () => openRange;

// Decimal milliseconds, to the microsecond; a browser's clock may end a little past the call.
const now = () => Math.min(Math.round(player.positionMs() * 1000) / 1000, player.durationMs());

const say = (key, params) => change({ said: t(key, params) });
const named = (tag) => ({ kind: kindLabel(tag.kind), at: clock(tag.position_ms) });

function bounced(kind, at) {
  const again = lastKey.kind === kind.id && at - lastKey.at < kBounceMs;
  lastKey = { kind: kind.id, at };
  return again;
}

// at: when it was pressed, in the page's time (Event.timeStamp).
export function press(kind, input, at = performance.now()) {
  if (!state.call) return change({ line: { text: t('need_call') } });
  if (!isShown(kind)) return sayHidden(kind);
  if (bounced(kind, at)) return;
  if (kind.shape !== 'range') return void addPoint(kind, input);
  if (openRange?.kind.id === kind.id) return closeRange(input);
  if (openRange) closeRange(input);
  openRange = { kind, callId: state.call.call_id, startMs: now(), pressedAt: at, input, asking: false, timer: 0 };
  keepRange();
  change({ line: null, said: t('range_open', { kind: kindLabel(kind.id), at: clock(openRange.startMs) }) });
}

export function release(kind, at = performance.now()) {
  if (lastKey.kind === kind.id) lastKey.at = at;
  if (openRange?.kind.id === kind.id && at - openRange.pressedAt > kTapMs) closeRange(openRange.input);
}

// It goes on; asked again after as long.
export function keepRange() {
  clearTimeout(openRange.timer);
  openRange.asking = false;
  openRange.timer = setTimeout(() => {
    openRange.asking = true;
    change({ said: t('range_still', { kind: kindLabel(openRange.kind.id), at: clock(openRange.startMs) }) });
  }, kAskAfterMs);
  change({});
}

function forgetRange() {
  const range = openRange;
  clearTimeout(range.timer);
  openRange = null;
  return range;
}

function sayHidden(kind) {
  change({ line: { text: t('key_hidden', { key: keyCap(codeOfKind(kind)), kind: kindLabel(kind.id) }), action: 'all-keys', label: t('keys_more', { n: hiddenCount() }) } });
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

// The tag as a step keeps it: what it takes to put it back.
function did(what, tag, more = {}) {
  const { event_id, call_id, kind, position_ms, start_ms, end_ms, note, content, revisions } = tag;
  const where = tag.call_id === state.call?.call_id ? callName(state.call) : '';
  steps.did({ what, tag: { event_id, call_id, kind, position_ms, start_ms, end_ms, note, content, revisions }, where, ...more });
}

function add(content, place) {
  change({ line: isSerious(content.kind) ? { toldAt: performance.now() + kTakeBackMs } : null });
  did('made', tags.add(content, place));
}

function addPoint(kind, input) {
  const position = now();
  add({
    call_id: state.call.call_id, kind: kind.id, position_ms: position, playback_rate: player.speed(), input, ...going(),
  }, shown(kind, position, position));
}

function closeRange(input, leaving = false) {
  const { kind, callId, startMs } = forgetRange();
  const endMs = now();
  const [from, to] = startMs <= endMs ? [startMs, endMs] : [endMs, startMs]; // sought back while it was open
  add({
    call_id: callId, kind: kind.id, pressed_ms: from, released_ms: to, playback_rate: player.speed(), input, ...going(),
    ...(leaving ? { closed_by_leaving: true } : {}),
  }, { ...shown(kind, from, to), closed_by_leaving: leaving });
}

// The call is about to be left: what is open ends here rather than being lost, and says so.
export function endOpenRange() {
  if (openRange) closeRange(openRange.input, true);
}

export function cancelRange() {
  if (!openRange) return false;
  const text = t('range_cancelled', { kind: kindLabel(forgetRange().kind.id) });
  change({ line: { text }, said: text });
  return true;
}

// --- what can be taken back

export function retract(tag) {
  did('retracted', tag);
  tags.retract(tag);
}

// fields: what POST /tags/ID/revise takes, without event_id.
export function revise(tag, fields) {
  const before = Object.fromEntries(Object.keys(fields).map((field) => [field, tag[field]]));
  did('revised', tag, { before, after: fields });
  tags.revise(tag, fields);
}

export function undo() {
  const step = steps.go(-1);
  if (!step) return tell('undo_none');
  if (step.what === 'made') return tags.retract(current(step.tag)); // it is told when it is done
  if (step.what === 'retracted') return putBack(step);
  tags.revise(current(step.tag), step.before);
  tell('undone_change', step);
}

export function redo() {
  const step = steps.go(+1);
  if (!step) return tell('redo_none');
  if (step.what === 'retracted') return tags.retract(current(step.tag));
  if (step.what === 'made') return putBack(step);
  tags.revise(current(step.tag), step.after);
  tell('redone_change', step);
}

export const canRedo = () => steps.next() !== null;

// From the line that tells of a retraction.
export const putBackLast = () => (steps.last()?.what === 'retracted' ? undo() : redo());

function tell(key, step = null) {
  const elsewhere = step && step.tag.call_id !== state.call?.call_id && step.where;
  const text = `${t(key, step ? named(step.tag) : {})}${elsewhere ? ` ${t('in_call', { call: step.where })}` : ''}`;
  change({ line: { text }, said: text });
}

const current = (tag) => tags.find(tag.event_id) ?? { ...tag, own: true, listener: state.listener, state: 'saved' };

// A retraction is for good, so putting it back is a new tag at the old place.
function putBack(step) {
  const { tag } = step;
  const { event_id, ...content } = { ...(tag.content ?? contentOf(tag)), kind: tag.kind };
  if (tag.note) content.note = tag.note;
  const { position_ms, start_ms, end_ms } = tag;
  const made = tags.add(content, { position_ms, start_ms, end_ms });
  if (tag.revisions) tags.revise(made, { start_ms, end_ms });
  steps.renamed(tag.event_id, made.event_id);
  tell('redone', step);
}

// For a tag made before this page was opened, from what the station told about it.
function contentOf(tag) {
  const base = { call_id: tag.call_id, kind: tag.kind, input: 'pointer' };
  const kind = kindById(tag.kind);
  if (kind?.shape !== 'range') return { ...base, position_ms: tag.position_ms };
  return { ...base, pressed_ms: tag.position_ms, released_ms: Math.max(tag.position_ms, tag.end_ms - (kind.lag_ms ?? 0)) };
}

tags.whenTagChanges((outcome, tag, error) => {
  if (outcome === 'tagged' || outcome === 'failed') tick(outcome === 'tagged');
  if (outcome === 'failed') return say('not_saved_said', { ...named(tag), why: whyText(error) });
  if (outcome === 'undone') change({ line: { text: t('undone', named(tag)), action: 'put-back', label: t('put_back') } });
  say(outcome, named(tag));
});
