// Which key does what: the tag book's keys, the page's own, and what this listener changed about them. A key
// is a place on the keyboard (KeyboardEvent.code), so it is the same under every layout and input method.
//
// A target is what a key is for: 'kind:ID' or 'do:ID'.
import { keep, kept } from './kept.js';
import { state } from './store.js';

// code: its key, which can be changed; fixed: keys that cannot. text: what it does, a key of the tables.
// repeats: holding it goes on doing it.
export const kActions = [
  { id: 'play', code: 'KeyK', fixed: ['Space'], text: 'help_play' },
  { id: 'back10', code: 'KeyJ', text: 'back10', repeats: true },
  { id: 'on10', code: 'KeyL', text: 'on10', repeats: true },
  { id: 'back5', fixed: ['ArrowLeft'], text: 'back5', repeats: true },
  { id: 'on5', fixed: ['ArrowRight'], text: 'on5', repeats: true },
  { id: 'slower', code: 'Comma', text: 'slower', repeats: true },
  { id: 'faster', code: 'Period', text: 'faster', repeats: true },
  { id: 'edge', code: 'KeyO', fixed: ['End'], text: 'help_edge' },
  { id: 'loop', code: 'KeyI', text: 'help_loop' },
  { id: 'legs', code: 'KeyH', text: 'help_legs' },
  { id: 'softer', code: 'Minus', text: 'softer', repeats: true },
  { id: 'louder', code: 'Equal', text: 'louder', repeats: true },
  { id: 'play-on', code: 'KeyY', text: 'help_play_on' },
  { id: 'go-on', fixed: ['Enter'], text: 'help_go_on' },
  { id: 'live', fixed: ['Digit6', 'Digit7', 'Digit8', 'Digit9', 'Digit0'], text: 'help_live' },
  { id: 'skip', code: 'KeyU', text: 'help_skip' },
  { id: 'pause', code: 'KeyP', text: 'help_pause' },
  { id: 'book', code: 'Quote', text: 'help_book' },
  { id: 'hour', code: 'Backslash', text: 'help_hour' },
  { id: 'past', code: 'KeyM', text: 'help_past' },
  { id: 'note', code: 'KeyN', text: 'help_note' },
  { id: 'edit', code: 'Semicolon', text: 'help_edit' },
  { id: 'undo', fixed: ['Backspace'], text: 'help_undo', chord: 'Z' },
  { id: 'redo', text: 'help_redo', chord: '⇧ Z' },
  { id: 'help', code: 'Slash', text: 'help_help' },
  { id: 'escape', fixed: ['Escape'], text: 'help_escape' },
];

// Keys that write nothing: what is done with them needs no switching off (WCAG 2.1.4).
const kNoCharacter = new Set(['Space', 'ArrowLeft', 'ArrowRight', 'End', 'Enter', 'Backspace', 'Escape']);
const kChoosable = /^(Key[A-Z]|Digit\d|Numpad(\d|Add|Subtract|Multiply|Divide|Decimal)|F\d+|Minus|Equal|Bracket(Left|Right)|Backslash|IntlBackslash|Semicolon|Quote|Backquote|Comma|Period|Slash)$/;

const own = () => kept('keys', {});
export const isOff = () => kept('keys-off', false);
export const setOff = (off) => keep('keys-off', off);
export const hasOwnKeys = () => Object.keys(own()).length > 0;
export const resetKeys = () => keep('keys', {});

const kinds = () => state.kinds.filter((kind) => !kind.retired);
const targets = () => [
  ...kActions.filter(({ code }) => code).map(({ id, code }) => ({ target: `do:${id}`, code })),
  ...kinds().map(({ id, key }) => ({ target: `kind:${id}`, code: key })),
];

export const codeOfKind = (kind) => own()[`kind:${kind.id}`] ?? kind.key;
export const codeOfAction = (id) => own()[`do:${id}`] ?? kActions.find((action) => action.id === id)?.code;

// The target of a key, or null. What was chosen here goes before what the book says.
export function targetOf(code) {
  if (!code) return null; // a key the browser cannot name is not that of a kind without one
  const fixed = kActions.find((action) => action.fixed?.includes(code));
  if (fixed) return `do:${fixed.id}`;
  const chosen = own();
  const by = targets().find(({ target }) => chosen[target] === code) ??
    targets().find((one) => !chosen[one.target] && one.code === code);
  return by?.target ?? null;
}

export const actionOf = (target) => (target?.startsWith('do:') ? kActions.find(({ id }) => target === `do:${id}`) : undefined);
export const kindOf = (target) => (target?.startsWith('kind:') ? kinds().find(({ id }) => target === `kind:${id}`) : undefined);

export const isCharacter = (code) => !kNoCharacter.has(code);

// '' when it was done; otherwise why not: 'fixed', or the target that has the key.
export function assign(target, code) {
  if (!kChoosable.test(code)) return 'fixed';
  const holder = targetOf(code);
  if (holder === target) return '';
  if (holder) return holder;
  keep('keys', { ...own(), [target]: code });
  return '';
}
