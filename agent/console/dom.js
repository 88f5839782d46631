// The one home of preact and htm: everything else writes html`...` and never touches innerHTML, so a
// caller's name is always a text node.
import { Component, createRef, Fragment, h, render } from './vendor/preact.js';
import htm from './vendor/htm.js';

export const html = htm.bind(h);
export { Component, createRef, Fragment, render };

// For buttons that are pressed with a pointer while listening: focus stays where it was, so that Space
// goes on meaning play and pause.
export const keepFocus = (event) => event.preventDefault();
