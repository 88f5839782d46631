// The one home of preact and htm: everything else writes html`...` and never touches innerHTML, so a
// caller's name is always a text node, and what stands in <bdi> turns nothing beside it.
import { plain } from './plain.js';
import { Component, createRef, Fragment, h, render } from './vendor/preact.js';
import htm from './vendor/htm.js';

const plainly = (child) => (typeof child === 'string' ? plain(child) : child);

export const html = htm.bind((type, props, ...children) => h(type, props, ...(type === 'bdi' ? children.map(plainly) : children)));
export { Component, createRef, Fragment, render };

// Drawn anew only when one of its properties is another.
export class Steady extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }
}

// For buttons that are pressed with a pointer while listening: focus stays where it was, so that Space
// goes on meaning play and pause.
export const keepFocus = (event) => event.preventDefault();

// For a button that goes away when it is pressed: by key, the focus stays in its section.
export const focusTitle = (event) => event.detail === 0 && event.currentTarget.closest('section').querySelector('h2').focus();
