// What the page knows, in one object. Change it only through change(), which redraws once per turn of
// the event loop. Playback position is not here: it moves 60 times a second and has its own listeners
// (player.js).
import { kAnything } from './filters.js';

export const state = {
  phase: 'starting', // 'starting' | 'no-session' | 'no-link' | 'no-identity' | 'unreachable' | 'ready'
  listener: null,    // who is listening: {id, name}
  agent: null,       // who takes calls and looks at their own: {ref, name}; then nobody listens here
  bound: false,      // a proxy or a personal link says who: nobody is asked
  listeners: [],
  askListener: null, // null | 'first' | 'change'
  kinds: [],         // the tag book, see tagbook.js
  families: [],
  mayEdit: true,     // the tag book
  mayMerge: true,    // two listeners that are one person
  view: 'desk',      // 'desk' | 'book' | 'hour' | 'thanks' | 'cadence' | 'mine'
  pageId: '',        // the hour whose note is open
  hour: null,        // of this week: GET /hour, see hour_station.js
  hourError: null,   // why it could not be read: {code, message}
  hourOn: '',        // the id of the hour that is under way in this tab
  told: 0,           // how often the station told of hours and thank-yous: pages read again
  bookKind: '',      // the kind that is open in the book
  allKeys: false,    // all kinds on the key panel, or the nine of the "hour" set
  calls: [],
  nextCalls: '',     // cursor of the next page, '' at the end
  callsOf: 0,        // which list they are, of those that were asked for
  openInView: true,  // the row of the open call
  callsLoading: true,
  search: '',
  filters: kAnything, // of the list
  choices: { queues: [], languages: [] }, // what there is to narrow it to
  call: null,        // the open call, without its tags
  callError: null,   // why it could not be opened: {code, message}
  callsAt: 0,        // performance.now() when the list was read: calls in it have grown since
  heard: false,      // the open call, by this listener: 80 % of the talk, or to its end
  customer: null,    // of the open call: {state, promises, problems, more}, see customer.js
  opened: false,     // others' tags in it may be seen although it was not heard
  between: null,     // after a call that ended, while the next waits: {after, of, ofHour, next, leftMs}, of: who listens
  playOn: false,     // calls are played in a row
  tags: [],          // of the open call, see tags.js
  line: null,        // the one line under the keys: what just happened and what can be done about it
  said: '',          // for the live region
  link: { state: '', undelivered: 0 },
  reachable: true,   // does the station's event stream stand?
  unsaved: 0,        // tags that the station has not confirmed after the first try
  saving: 0,         // tags on their way to the station
  alarms: [],        // [{code, message}]
  captures: [],      // what records here: GET /captures
  acting: null,      // what was asked of a profile: {name, what, why}, why once it was refused
  inboxes: [],       // folders that are watched for recordings: GET /inbox
  help: false,
  recent: [],        // the last tags of all calls, see recent.js
  serious: [],       // tags of severity one that colleagues made and nobody has read here
  editing: null,     // event id of the tag that is being changed in the list
  history: null,     // event id of the tag whose changes are shown
  typing: false,     // a text field has the focus: keys write, they do not tag
};

const listeners = new Set();
let scheduled = false;

export function onChange(listener) {
  listeners.add(listener);
}

export function change(patch) {
  Object.assign(state, patch);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const listener of listeners) listener();
  });
}
