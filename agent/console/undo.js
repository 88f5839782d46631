// What this listener did, as steps that can be taken back and done again. Kept for this tab of the browser
// (sessionStorage), so a reload loses none.
//
// A step is {what: 'made' | 'revised' | 'retracted', tag, before, after, where}: the tag as it was then, for a
// revision its changed fields, and the name of its call.
import { keep, kept } from './kept.js';

const kSteps = 100;

const read = () => kept('undo', { steps: [], done: 0 }, sessionStorage);
const write = (list) => keep('undo', list, sessionStorage);

// A new step ends what could be done again.
export function did(step) {
  const { steps, done } = read();
  const all = [...steps.slice(0, done), step].slice(-kSteps);
  write({ steps: all, done: all.length });
}

export const last = () => { const { steps, done } = read(); return steps[done - 1] ?? null; };
export const next = () => { const { steps, done } = read(); return steps[done] ?? null; };

// The step over which undo (-1) or redo (+1) went, or null.
export function go(by) {
  const list = read();
  const step = by < 0 ? list.steps[list.done - 1] : list.steps[list.done];
  if (!step) return null;
  write({ ...list, done: list.done + by });
  return step;
}

// A tag that is put back is another event: the steps follow it.
export function renamed(from, to) {
  const { steps, done } = read();
  write({ steps: steps.map((step) => (step.tag.event_id === from ? { ...step, tag: { ...step.tag, event_id: to } } : step)), done });
}
