// Hours for tests and pictures that need one to be heard and not to hear it.
import { randomUUID } from 'node:crypto';

// A site whose hour is a minute, of calls that last seconds.
export const kSite = '[site]\nname = "Seoul"\nfirst_day = "sunday"\n[hour]\nminutes = 1\nshortest = "1s"\nlongest = "60s"\n';

// Draws the hour of this week for who has the cookie, and tells that the first calls of it were played to their ends.
export async function hearHour(station, cookie, { calls = Infinity, skip = -1 } = {}) {
  const hour = await station.postAs(cookie, 'hour');
  for (const [i, call] of hour.calls.entries()) {
    if (i === skip) await station.postAs(cookie, `hours/${hour.hour_id}/calls/${call.call_id}/skip`);
    if (i === skip || i >= calls) continue;
    const word = { call_id: call.call_id, listening: randomUUID() };
    await station.postAs(cookie, 'listening', { ...word, what: 'started' });
    await station.postAs(cookie, 'listening', { ...word, what: 'heard', intervals: [[0, call.duration_ms]] });
    await station.postAs(cookie, 'listening', { ...word, what: 'ended' });
  }
  return station.getAs(cookie, `hours/${hour.hour_id}`);
}

const kLong = 'She explained the bill line by line, stayed on the line while the customer paid, and called back the same afternoon to say that it had arrived.';

// As many problems as a note has room for, and something of everything else.
export async function tagHour(station, cookie, hour) {
  const kinds = ['nobody-called-back', 'wrong-charge', 'long-wait', 'passed-around', 'not-listened', 'repeat-contact'];
  const tags = kinds.flatMap((kind, i) => Array.from({ length: Math.max(2, 5 - i) }, (_, call) => [kind, call]));
  for (const [i, kind] of ['went-beyond', 'solved-on-spot', 'promise-made', 'promise-made', 'policy-in-way', 'no-authority', 'idea'].entries()) tags.push([kind, i]);
  for (const [i, [kind, call]] of tags.entries()) {
    await station.tagAs(cookie, { call_id: hour.calls[call % hour.calls.length].call_id, kind, position_ms: 1000 + 50 * i, note: i % 2 ? kLong : 'Promised for Monday' });
  }
  await station.postAs(cookie, `hours/${hour.hour_id}/words`, { words: 'Twice this week nobody called back although it was promised. I will ask the teams what stands in their way.' });
}
