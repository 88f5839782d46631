// What becomes of a request that the station refused.
import { ApiError } from './api.js';
import { change } from './store.js';

// A lost session changes the whole page, whatever was asked; anything else goes to its own place.
export function noted(error, place) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) change({ phase: 'no-session', badToken: false });
  else place(error);
}
