// Reading the list of calls: from its top down to what is shown, and older ones before they come into view.
// After a change it is read from the top again, and what lies below the view is left until it is scrolled to: so
// nothing that is shown is old. One reading goes on at a time.
import * as api from './api.js';
import { filterParams, kAnything } from './filters.js';
import { noted } from './refused.js';
import { change, state } from './store.js';

const kPage = 50;           // calls in a request
const kLargestPage = 500;
const kAhead = 100;         // calls that are there before they come into view
const kMostAtOnce = 10_000; // calls that one press reads
const kTypingMs = 200;
const kGatherMs = 300;      // several changes in a row are one reading
const kRest = 4;            // times as long as the last reading took
const kMostRestMs = 10_000;

let listing = 0;    // another search or filter is another list
let shownTo = 0;    // rows of it down to the last that is shown
let soughtTo = 0;   // and down to what somebody goes to
let reading = null; // {of: listing, fromTop, again, stop, done}
let tookMs = 0;

const openAt = () => state.calls.findIndex((call) => call.call_id === state.call?.call_id);
const wanted = () => Math.max(kPage, shownTo + kAhead, soughtTo, openAt() + 1);

function fetchCalls(after, limit, signal) {
  const params = new URLSearchParams({ limit: String(limit), ...filterParams(state.filters) });
  if (after) params.set('after', after);
  if (state.search.trim()) params.set('q', state.search.trim());
  return api.get(`calls?${params}`, signal);
}

function read(fromTop) {
  if (reading?.of === listing && (reading.fromTop || !fromTop)) {
    reading.again ||= fromTop;
    return reading.done;
  }
  reading?.stop.abort();
  const mine = reading = { of: listing, fromTop, again: false, stop: new AbortController(), done: null };
  mine.done = readOn(mine).finally(() => {
    if (reading === mine) reading = null;
  }).then(() => (mine.again && mine.of === listing ? read(true) : reading?.done));
  return mine.done;
}

async function readOn({ of, fromTop, stop: { signal } }) {
  const began = performance.now();
  let calls = fromTop ? [] : state.calls;
  let next = fromTop ? '' : state.nextCalls;
  try {
    do {
      const limit = Math.min(kLargestPage, Math.max(kPage, wanted() - calls.length));
      const page = await fetchCalls(next, limit, signal);
      if (signal.aborted) return;
      calls = joined(fromTop ? calls : state.calls, page.calls);
      next = page.next ?? '';
      if (!fromTop) change({ calls, nextCalls: next });
    } while (next && calls.length < wanted());
    if (fromTop) {
      tookMs = performance.now() - began;
      change({ calls, nextCalls: next, callsOf: of, callsAt: performance.now() });
    }
    change({ callsLoading: false, callsError: null });
  } catch (error) {
    if (!signal.aborted) noted(error, () => change({ callsLoading: false, callsError: error }));
  }
}

// A call that ended between two pages is in both.
function joined(calls, more) {
  const seen = new Set(calls.map((call) => call.call_id));
  return [...calls, ...more.filter((call) => !seen.has(call.call_id))];
}

export const loadCalls = () => read(true);
export const moreCalls = () => read(state.callsOf !== listing);
export const pauseMs = () => Math.min(kMostRestMs, Math.max(kGatherMs, kRest * tookMs));

// The list shows that many rows now.
export function callsShown(count, of) {
  if (of !== listing) return;
  shownTo = count;
  if (state.nextCalls && !state.callsError && state.calls.length < wanted()) moreCalls();
}

// Reads on until it is found, or to the end.
export async function readUntil(isFound) {
  const [of, most] = [listing, state.calls.length + kMostAtOnce];
  while (of === listing && state.nextCalls && !state.callsError && !isFound() && state.calls.length < most) {
    soughtTo = state.calls.length + kLargestPage;
    await moreCalls();
  }
  soughtTo = 0;
}

// Nothing that was asked of the list before is waited for.
function renew(patch) {
  listing++;
  shownTo = soughtTo = 0;
  reading?.stop.abort();
  change({ ...patch, callsLoading: true });
}

let typing = 0;
export function search(text) {
  renew({ search: text });
  clearTimeout(typing);
  typing = setTimeout(loadCalls, kTypingMs);
}

// Null: to nothing.
export function narrow(patch) {
  renew({ filters: patch ? { ...state.filters, ...patch } : kAnything });
  loadCalls();
}

export async function readChoices() {
  const choices = await api.get('filters').catch(() => null);
  if (choices) change({ choices });
}
