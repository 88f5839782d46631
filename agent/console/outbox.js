// What a person did and the station has not confirmed, kept in this browser, so that a reload, a crash or a
// station that is down loses none of it. One entry per tag, because every tab writes only its own.
//
// A tab holds a lock as long as it lives; what a tab left behind is taken over once its lock is free.
import { uuid7 } from './uuid7.js';

const kPrefix = 'earful.outbox.';
const tab = uuid7();
const lockOf = (name) => `earful.tab.${name}`;

navigator.locks?.request(lockOf(tab), () => new Promise(() => {}));

export function put(eventId, entry) {
  try {
    localStorage.setItem(kPrefix + eventId, JSON.stringify({ ...entry, tab }));
  } catch {
    // It waits in the page, then.
  }
}

export function drop(eventId) {
  try {
    localStorage.removeItem(kPrefix + eventId);
  } catch {
    // There is nothing, then.
  }
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(kPrefix));
  } catch {
    return [];
  }
}

function entries() {
  const found = [];
  for (const key of keys()) {
    try {
      found.push([key.slice(kPrefix.length), JSON.parse(localStorage.getItem(key))]);
    } catch {
      // What cannot be read is no reason to leave the rest.
    }
  }
  return found;
}

// take(eventId, entry) for everything another tab left, now or when it goes.
export function takeOver(take) {
  const tabs = new Set(entries().map(([, entry]) => entry.tab).filter((name) => name !== tab));
  for (const name of tabs) {
    navigator.locks?.request(lockOf(name), () => {
      for (const [eventId, entry] of entries().filter(([, { tab: of }]) => of === name)) {
        put(eventId, entry);
        take(eventId, entry);
      }
    });
  }
}
