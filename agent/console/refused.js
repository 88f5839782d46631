// What becomes of a request that the station refused.
import { ApiError } from './api.js';
import { change } from './store.js';

// What to do, by what the station says is missing; a proxy refuses in words of its own.
const kShutOut = { E_SESSION: 'no-session', E_LINK: 'no-link' };
export const shutOut = ({ code }) => kShutOut[code] ?? 'no-identity';

// A lost session changes the whole page, whatever was asked; anything else goes to its own place.
export function noted(error, place) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) change({ phase: shutOut(error), badToken: false });
  else place(error);
}
