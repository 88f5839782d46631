// Keys of the whole page, by their place on the keyboard (KeyboardEvent.code), so that they are the same
// under every layout. Typing in a field, a dialog, or with Ctrl, Alt or Meta is left alone; so are Space
// and Enter on a button that has the focus.
import { togglePause } from './captures.js';
import * as player from './player.js';
import { change, state } from './store.js';
import * as tagging from './tagging.js';
import { kindByCode } from './tagbook.js';

const kRepeating = new Set(['ArrowLeft', 'ArrowRight', 'KeyJ', 'KeyL', 'Comma', 'Period', 'Minus', 'Equal']);

// focusNote is the note field's own; it is passed in because the field is a component.
export function startHotkeys(focusNote) {
  const actions = {
    Space: () => player.toggle(),
    KeyK: () => player.toggle(),
    KeyJ: () => player.nudge(-10),
    KeyL: () => player.nudge(10),
    ArrowLeft: () => player.nudge(-5),
    ArrowRight: () => player.nudge(5),
    Comma: () => player.stepSpeed(-1),
    Period: () => player.stepSpeed(1),
    KeyO: () => player.toEdge(),
    End: () => player.toEdge(),
    KeyI: () => player.toggleLoop(),
    KeyH: () => player.nextLegs(),
    Minus: () => player.stepLoudness(-1),
    Equal: () => player.stepLoudness(1),
    KeyU: () => player.canSkip() && player.toggleSkipping(),
    KeyP: () => togglePause(),
    KeyN: () => focusNote(),
    Backspace: () => tagging.undo(),
    Slash: () => change({ help: true }),
    Escape: () => tagging.cancelRange() || change({ line: null }),
  };

  addEventListener('keydown', (event) => {
    if (isElsewhere(event)) return;
    const kind = kindByCode(event.code);
    const action = actions[event.code];
    if (!kind && !action) return;
    if (event.code === 'End' && !player.isLive()) return; // the page's end, then
    if (ownsKey(event.target, event.code)) return;
    event.preventDefault();
    if (event.repeat && !kRepeating.has(event.code)) return;
    if (action) action();
    else tagging.press(kind, 'key');
  });

  addEventListener('keyup', (event) => {
    const kind = kindByCode(event.code);
    if (kind && !isTyping(event.target)) tagging.release(kind, 'key');
  });
}

function isElsewhere(event) {
  return event.isComposing || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) ||
    state.phase !== 'ready' || state.help || state.askListener !== null;
}

const isTyping = (target) =>
  target instanceof Element && target.closest('input:not([type=range]), textarea, select, [contenteditable]') !== null;

function ownsKey(target, code) {
  if (!(target instanceof Element)) return false;
  if (target.matches('[type=range]')) return code.startsWith('Arrow');
  return (code === 'Space' || code === 'Enter') && target.closest('button, a, summary') !== null;
}
