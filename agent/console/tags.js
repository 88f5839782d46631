// The tags of the open call, and everything on its way to the station.
//
// What a person did is a row of steps per tag (post, revise, retract), taken in order and tried until the
// station has answered, under the name of who did it. Until then it is in the outbox, whatever call is open
// and whatever becomes of the page: nothing a person pressed is dropped silently. A tag is "saved" only after
// the station's answer.
import * as api from './api.js';
import * as outbox from './outbox.js';
import { change, state } from './store.js';
import { uuid7 } from './uuid7.js';

const kRetryMs = [1000, 2000, 4000, 8000, 15000]; // the last one repeats

const pending = new Map(); // event id -> {tag, before, by, steps, failed, tries, timer, busy, running}
let deliveredSeq = -1;     // own rows up to here are in the store, as far as we were told
let held = false;          // the session changes hands: what is sent now might go under another name
let onOutcome = () => {};

// outcome: ('tagged' | 'undone' | 'change_saved' | 'failed', tag, error)
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
  if (work.failed || !isMyWork(work)) return retracting && work.steps[0].what === 'retract' ? 'not-undone' : 'unsaved';
  return retracting ? 'undoing' : 'saving';
}

function redraw() {
  let saving = 0;
  let unsaved = 0;
  for (const work of pending.values()) work.failed || !isMyWork(work) ? unsaved++ : saving++;
  change({ tags: state.tags, saving, unsaved });
}

function place(...placed) {
  const ids = new Set(placed.map((tag) => tag.event_id));
  state.tags = [...state.tags.filter((tag) => !ids.has(tag.event_id)), ...placed]
    .sort((a, b) => a.position_ms - b.position_ms || (a.event_id < b.event_id ? -1 : 1));
}

function remove(eventId) {
  state.tags = state.tags.filter((tag) => tag.event_id !== eventId);
}

function markDelivered(tag) {
  if (tag.seq && tag.state === 'saved' && tag.seq <= deliveredSeq) tag.state = 'delivered';
  return tag;
}

// A call was opened: the station's tags, and what is still on its way for this call.
export function showTags(callId, tags) {
  state.tags = [];
  place(...tags.map((tag) => markDelivered({ ...tag, call_id: callId })));
  for (const { tag } of pending.values()) if (tag.call_id === callId) place(tag);
  redraw();
}

export const find = (eventId) =>
  pending.get(eventId)?.tag ?? state.tags.find((tag) => tag.event_id === eventId) ?? null;

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
  const work = newWork(tag);
  work.steps.push({ what: 'post', body });
  store(work);
  if (state.call?.call_id === tag.call_id) place(tag);
  redraw();
  advance(tag.event_id);
  return tag;
}

const newWork = (tag) => ({
  tag, before: { ...tag }, by: state.listener?.id ?? null, steps: [], failed: null, tries: 0, timer: 0, busy: false,
});
const isMyWork = (work) => work.by === (state.listener?.id ?? null);

function store(work) {
  pending.set(work.tag.event_id, work);
  outbox.put(work.tag.event_id, { tag: work.tag, before: work.before, by: work.by, steps: work.steps });
}

function forget(eventId) {
  pending.delete(eventId);
  outbox.drop(eventId);
}

// What a tab that is gone did not get through, sent under the same event ids.
export function takeOver() {
  outbox.takeOver((eventId, { tag, before, by, steps }) => {
    if (pending.has(eventId)) return;
    pending.set(eventId, { ...newWork(tag), before, by, steps });
    if (state.call?.call_id === tag.call_id && steps.at(-1)?.what !== 'retract') place(tag);
    redraw();
    advance(eventId);
  });
}

function enqueue(tag, what, content) {
  const step = { what, body: { ...content, event_id: uuid7() } }; // a second try is the same event
  const work = pending.get(tag.event_id) ?? newWork(tag);
  if (content) Object.assign(tag, content);
  work.steps.push(step);
  store(work);
  redraw();
  advance(tag.event_id);
}

// fields: what a revision takes, without event_id.
export function revise(tag, fields) {
  enqueue(tag, 'revise', fields);
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
  forget(eventId);
  if (work.steps[0].what === 'post') remove(eventId);
  else Object.assign(work.tag, work.before);
  redraw();
  if (outcome) onOutcome(outcome, work.tag);
}

export function retry(eventId) {
  const work = pending.get(eventId);
  if (!work || work.busy || !isMyWork(work)) return;
  clearTimeout(work.timer);
  work.failed = null;
  redraw();
  advance(eventId);
}

// Nothing is sent from here on, until release(); what was being sent has been answered when this is done.
export async function hold() {
  held = true;
  await Promise.allSettled([...pending.values()].map((work) => work.running));
}

export function release() {
  held = false;
  redraw(); // what waits for somebody who is not here now is not being saved
  retryAll();
}

// The listener at work is another one now, by being merged into them: what waits is theirs.
export function mergedInto(from, into) {
  for (const work of pending.values()) {
    if (work.by !== from) continue;
    work.by = into;
    store(work);
  }
}

export function retryAll() {
  for (const [id, work] of pending) if (!work.failed?.final) retry(id);
}

function send(tag, step) {
  if (step.what === 'post') return api.post('tags', step.body);
  return api.post(`tags/${encodeURIComponent(tag.event_id)}/${step.what}`, step.body);
}

function advance(eventId) {
  const work = pending.get(eventId);
  if (!work || work.busy || work.failed || held || !state.listener || !isMyWork(work)) return;
  work.busy = true;
  work.running = run(eventId, work);
  return work.running;
}

async function run(eventId, work) {
  const { tag, steps } = work;
  try {
    while (steps.length) {
      if (held) return;
      const answer = await send(tag, steps[0]);
      const { what } = steps.shift();
      work.tries = 0;
      tag.seq = answer.seq ?? tag.seq;
      tag.state = 'saved';
      markDelivered(tag);
      if (what === 'retract') steps.length = 0;
      if (steps.length) store(work);
      finished(work, what);
    }
    forget(eventId);
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
  if (what === 'revise' && work.steps.length === 0) onOutcome('change_saved', work.tag);
  if (what === 'post' && work.steps.length === 0) onOutcome('tagged', work.tag);
  if (what === 'retract') onOutcome('undone', work.tag);
}

function failed(work, error) {
  const first = work.tries === 0;
  work.failed = { error, final: !error.passing };
  if (!work.failed.final) {
    const wait = kRetryMs[Math.min(work.tries, kRetryMs.length - 1)];
    work.timer = setTimeout(() => quietly(work), wait);
  }
  work.tries++;
  if (error.code === 'E_WHO') change({ askListener: 'first' }); // the session forgot who listens
  if (first) onOutcome('failed', work.tag, error);
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
    // What is on its way from here is newer than what was heard.
    const moved = work.steps.some(({ body }) => 'start_ms' in body || 'end_ms' in body);
    Object.assign(known, { revisions: tag.revisions, closed_by_leaving: tag.closed_by_leaving });
    if (!moved) Object.assign(known, { start_ms: tag.start_ms, end_ms: tag.end_ms });
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
