// Something that is worded anew each second: {show: () => text}.
import { Component } from './dom.js';

export class Seconds extends Component {
  componentDidMount() {
    this.timer = setInterval(() => this.setState({}), 1000);
  }

  componentWillUnmount() {
    clearInterval(this.timer);
  }

  render({ show }) {
    return show();
  }
}
