// Keys of the whole page, by their place on the keyboard, so that they are the same under every layout and
// while an input method is on. Typing in a field and a dialog are left alone; so are Space and Enter on a
// button that has the focus.
import { goOn, stay, togglePlayOn } from './between.js';
import { openBook } from './book_address.js';
import { liveCalls } from './calls.js';
import { togglePause } from './captures.js';
import { openPage } from './hour_page.js';
import * as keymap from './keymap.js';
import * as player from './player.js';
import { openCall } from './station.js';
import { change, onChange, state } from './store.js';
import { editLast } from './tag_edit.js';
import * as tagging from './tagging.js';

// What takes the focus is passed in, because it belongs to components.
export function startHotkeys(focusNote, focusCustomer) {
  const actions = {
    play: () => player.toggle(),
    back10: () => player.nudge(-10),
    on10: () => player.nudge(10),
    back5: () => player.nudge(-5),
    on5: () => player.nudge(5),
    slower: () => player.stepSpeed(-1),
    faster: () => player.stepSpeed(1),
    edge: () => player.toEdge(),
    loop: () => player.toggleLoop(),
    legs: () => player.nextLegs(),
    softer: () => player.stepLoudness(-1),
    louder: () => player.stepLoudness(1),
    'play-on': () => togglePlayOn(),
    'go-on': () => goOn(),
    live: (code) => openLiveCall(code),
    skip: () => player.canSkip() && player.toggleSkipping(),
    pause: () => togglePause(),
    book: () => openBook(),
    hour: () => openPage('hour'),
    note: () => focusNote(),
    past: () => focusCustomer(),
    edit: () => editLast(),
    undo: () => tagging.undo(),
    redo: () => tagging.redo(),
    help: () => change({ help: true }),
    escape: () => tagging.cancelRange() || stay() || change({ line: null }),
  };

  addEventListener('keydown', (event) => {
    if (isElsewhere(event)) return;
    const target = event.ctrlKey || event.metaKey ? chordOf(event) : plainTarget(event);
    if (!target) return;
    event.preventDefault();
    const action = keymap.actionOf(target);
    if (event.repeat && !action?.repeats) return;
    if (action) actions[action.id](event.code);
    else tagging.press(keymap.kindOf(target), 'key', event.timeStamp);
  });

  addEventListener('keyup', (event) => {
    const kind = keymap.kindOf(keymap.targetOf(event.code));
    if (kind && !isTyping(event.target)) tagging.release(kind, event.timeStamp);
  });

  const follow = () => state.typing !== isTyping(document.activeElement) && change({ typing: !state.typing });
  addEventListener('focusin', follow);
  addEventListener('focusout', () => queueMicrotask(follow)); // only then the focus is elsewhere
  onChange(() => requestAnimationFrame(follow)); // a field taken away with the focus in it says so in Chromium alone
}

// Digit6 is the first live call of the list, Digit0 the fifth.
function openLiveCall(code) {
  const call = liveCalls()[(Number(code.slice(-1)) + 4) % 10];
  if (call) openCall(call.call_id);
}

function isElsewhere(event) {
  return event.altKey || isTyping(event.target) || state.phase !== 'ready' || state.view !== 'desk' || state.help || state.askListener !== null;
}

// An input method that composes (keyCode 229) still says which key it was; outside of text it composes nothing.
function plainTarget(event) {
  if (keymap.isOff() && keymap.isCharacter(event.code)) return null;
  if (event.code === 'End' && !player.isLive()) return null; // the page's end, then
  if (event.code === 'Enter' && !state.between) return null;
  if (ownsKey(event.target, event.code)) return null;
  return keymap.targetOf(event.code);
}

// Ctrl or Cmd with Z or Y, by the letter; under a layout without Latin letters by the place.
function chordOf(event) {
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.slice(3).toLowerCase();
  if (letter === 'z') return event.shiftKey ? 'do:redo' : 'do:undo';
  return letter === 'y' && !event.shiftKey ? 'do:redo' : null;
}

const kText = 'input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]';
export const isTyping = (target) => target instanceof Element && target.closest(kText) !== null;

function ownsKey(target, code) {
  if (!(target instanceof Element)) return false;
  if (code.startsWith('Arrow') || code === 'End') return target.matches('[type=range]');
  return (code === 'Space' || code === 'Enter') && target.closest('button, a, summary, [type=checkbox]') !== null;
}
