// A modal dialog: the browser's own, so that focus stays inside and the rest of the page is inert.
import { Component, createRef, html } from './dom.js';

export class Dialog extends Component {
  ref = createRef();

  componentDidMount() {
    this.ref.current.showModal();
  }

  componentWillUnmount() {
    this.ref.current.close(); // gives the focus back to where it was
  }

  // onClose null: there is no way around it (Escape is refused).
  render({ labelledby, onClose, children }) {
    const cancel = (event) => {
      event.preventDefault();
      onClose?.();
    };
    const outside = (event) => event.target === this.ref.current && onClose?.();
    return html`<dialog ref=${this.ref} aria-labelledby=${labelledby} onCancel=${cancel} onClick=${outside}><div class="inside">${children}</div></dialog>`;
  }
}
