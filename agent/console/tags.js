// The tags of the open call, and everything on its way to the station.
//
// What a person did is a row of steps per tag (post, revise, retract), taken in order and tried until the
// station has answered. Steps live in memory until then, whatever call is open: nothing a person pressed
// is dropped silently. A tag is "saved" only after the station's answer.
import * as api from './api.js';
import { change, state } from './store.js';
import { uuid7 } from './uuid7.js';

const kRetryMs = [1000, 2000, 4000, 8000, 15000]; // the last one repeats

const pending = new Map(); // event id -> {tag, steps, failed, tries, timer, busy}
let deliveredSeq = -1;     // own rows up to here are in the store, as far as we were told
let onOutcome = () => {};

// outcome: ('tagged' | 'undone' | 'note_saved' | 'failed', tag, message)
export function whenTagChanges(handler) {
  onOutcome = handler;
}

export const pendingOf = (eventId) => pending.get(eventId);
export const isMine = (tag) => tag.own && tag.listener?.id === state.listener?.id;

// 'saving' | 'unsaved' | 'undoing' | 'not-undone' | 'saved' | 'delivered'
export function stateOf(tag) {
  const work = pending.get(tag.event_id);
  if (!work) return tag.state;
  const retracting = work.steps.at(-1)?.what === 'retract';
  if (work.failed) return retracting && work.steps[0].what === 'retract' ? 'not-undone' : 'unsaved';
  return retracting ? 'undoing' : 'saving';
}

function redraw() {
  let saving = 0;
  let unsaved = 0;
  for (const work of pending.values()) work.failed ? unsaved++ : saving++;
  change({ tags: state.tags, saving, unsaved });
}

function place(tag) {
  const others = state.tags.filter((other) => other.event_id !== tag.event_id);
  state.tags = [...others, tag].sort((a, b) => a.position_ms - b.position_ms || (a.event_id < b.event_id ? -1 : 1));
}

function remove(eventId) {
  state.tags = state.tags.filter((tag) => tag.event_id !== eventId);
}

function markDelivered(tag) {
  if (tag.own && tag.seq && tag.state === 'saved' && tag.seq <= deliveredSeq) tag.state = 'delivered';
  return tag;
}

// A call was opened: the station's tags, and what is still on its way for this call.
export function showTags(callId, tags) {
  state.tags = [];
  for (const tag of tags) place(markDelivered({ ...tag, call_id: callId }));
  for (const { tag } of pending.values()) if (tag.call_id === callId) place(tag);
  redraw();
}

// The newest tag of this listener in the open call; ids are in order of time.
export function lastOwn() {
  return state.tags.filter((tag) => isMine(tag) && !['undoing', 'not-undone'].includes(stateOf(tag)))
    .reduce((last, tag) => (!last || tag.event_id > last.event_id ? tag : last), null);
}

// content: what POST /tags takes, without event_id. Shown at once, answered later.
export function add(content, shown) {
  const body = { ...content, event_id: uuid7() };
  const tag = {
    ...shown, event_id: body.event_id, call_id: body.call_id, kind: body.kind, note: body.note ?? '',
    listener: state.listener, own: true, state: 'saving', seq: null, content,
  };
  pending.set(tag.event_id, { tag, steps: [{ what: 'post', body }], failed: null, tries: 0, timer: 0, busy: false });
  if (state.call?.call_id === tag.call_id) place(tag);
  redraw();
  advance(tag.event_id);
  return tag;
}

function enqueue(tag, what, content) {
  const step = { what, body: { ...content, event_id: uuid7() } }; // a second try is the same event
  const work = pending.get(tag.event_id) ?? { tag, steps: [], failed: null, tries: 0, timer: 0, busy: false };
  work.steps.push(step);
  pending.set(tag.event_id, work);
  redraw();
  advance(tag.event_id);
}

export function setNote(tag, note) {
  tag.note = note;
  enqueue(tag, 'revise', { note });
}

export function retract(tag) {
  const work = pending.get(tag.event_id);
  if (work?.failed?.final && work.steps[0].what === 'post') return discard(tag.event_id, 'undone');
  if (work?.steps.some((step) => step.what === 'retract')) return;
  enqueue(tag, 'retract', {});
}

// Only what the station refused for good may be thrown away, and only by a person's hand.
export function discard(eventId, outcome = null) {
  const work = pending.get(eventId);
  if (!work?.failed?.final) return;
  pending.delete(eventId);
  if (work.steps[0].what === 'post') remove(eventId);
  redraw();
  if (outcome) onOutcome(outcome, work.tag);
}

export function retry(eventId) {
  const work = pending.get(eventId);
  if (!work || work.busy) return;
  clearTimeout(work.timer);
  work.failed = null;
  redraw();
  advance(eventId);
}

export function retryAll() {
  for (const [id, work] of pending) if (work.failed && !work.failed.final) retry(id);
}

function send(tag, step) {
  if (step.what === 'post') return api.post('tags', step.body);
  return api.post(`tags/${encodeURIComponent(tag.event_id)}/${step.what}`, step.body);
}

async function advance(eventId) {
  const work = pending.get(eventId);
  if (!work || work.busy || work.failed) return;
  work.busy = true;
  const { tag, steps } = work;
  try {
    while (steps.length) {
      const answer = await send(tag, steps[0]);
      const { what } = steps.shift();
      work.tries = 0;
      tag.seq = answer.seq ?? tag.seq;
      tag.state = 'saved';
      markDelivered(tag);
      if (what === 'retract') steps.length = 0;
      finished(work, what);
    }
    pending.delete(eventId);
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    failed(work, error);
  } finally {
    work.busy = false;
    redraw();
  }
}

function finished(work, what) {
  if (what === 'retract') remove(work.tag.event_id);
  if (what === 'revise' && work.steps.length === 0) onOutcome('note_saved', work.tag);
  if (what === 'post' && work.steps.length === 0) onOutcome('tagged', work.tag);
  if (what === 'retract') onOutcome('undone', work.tag);
}

function failed(work, error) {
  const first = work.tries === 0;
  work.failed = { message: error.message, final: !error.passing };
  if (!work.failed.final) {
    const wait = kRetryMs[Math.min(work.tries, kRetryMs.length - 1)];
    work.timer = setTimeout(() => quietly(work), wait);
  }
  work.tries++;
  if (error.code === 'E_WHO') change({ askListener: 'first' }); // the session forgot who listens
  if (first) onOutcome('failed', work.tag, error.message);
}

// A try by the clock leaves NOT SAVED on screen until it has succeeded.
async function quietly(work) {
  if (work.busy || !work.failed) return;
  const before = work.failed;
  work.failed = null;
  const running = advance(work.tag.event_id);
  if (!work.failed) work.failed = before;
  await running;
}

// --- what the station tells by itself

export function heardTag(tag) {
  const work = pending.get(tag.event_id);
  const known = state.tags.find((other) => other.event_id === tag.event_id);
  if (tag.call_id !== state.call?.call_id) return;
  if (tag.retracted) {
    if (!work) remove(tag.event_id);
  } else if (known && work) {
    Object.assign(known, { start_ms: tag.start_ms, end_ms: tag.end_ms });
  } else if (!known || !(tag.own && known.seq > tag.seq)) {
    place(Object.assign(known ?? {}, tag));
  }
  redraw();
}

// The store may know less than before (it was put back from a copy): then the station is asked afresh.
export function heardDelivered(seq, reload) {
  const less = seq < deliveredSeq;
  deliveredSeq = seq;
  state.tags.forEach(markDelivered);
  redraw();
  if (less) reload();
}
