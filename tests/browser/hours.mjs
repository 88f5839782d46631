// Hours for tests and pictures: heard without hearing them, and looked at while they are heard.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { until } from './page.mjs';
import { eventually } from './station.mjs';

export const kDays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

// A site whose hour is a minute, of calls that last seconds, and whose week does not end while a test runs.
const firstDay = kDays[(new Date().getUTCDay() + 3) % 7];
export const kSite = `[site]\nname = "Seoul"\ntime_zone = "UTC"\nfirst_day = "${firstDay}"\n[hour]\nminutes = 1\nshortest = "1s"\nlongest = "60s"\n`;

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

// --- in a page

export const go = async (page, hash, ready = '.hour-page h1') => {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await page.waitForSelector(ready);
};

// What stands there, without the marks around what came from elsewhere; nothing, while the page is being loaded anew.
export const expectText = async (page, selector, pattern) => {
  const read = async () => ((await page.evaluate((wanted) => document.querySelector(wanted)?.textContent, selector).catch(() => '')) ?? '').replace(/[\u2066-\u2069]/g, '');
  await eventually(async () => pattern.test(await read())).catch(async () => assert.match(await read(), pattern));
};

// The calls of the hour that the page knows, as the station said them.
export const callsOf = (page) => page.evaluate(async () => (await import('/store.js')).state.hour?.calls ?? []);

export const playing = (page, place) => until(page, async (at) => {
  const { state } = await import('/store.js');
  const { isPlaying } = await import('/player.js');
  return state.hour?.calls?.[at]?.call_id === state.call?.call_id && isPlaying();
}, place);

// Heard to its end: the page stands between two calls, where keys still belong to the one that ended.
export const between = (page) => page.waitForSelector('#between');

// The same a moment later, without hearing the rest of it.
export const toItsEnd = async (page) => {
  await page.evaluate(async () => {
    const player = await import('/player.js');
    player.seekTo(player.durationMs() - 300);
  });
  await between(page);
};
