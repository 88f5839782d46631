// The midnight between two weeks of the site, in the middle of a call: the station's own clock passes it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { between, expectText, go, kDays, kSite, playing } from './hours.mjs';
import { closeConsole, openConsole, until } from './page.mjs';
import { makeWeek } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kDayMs = 86_400_000;
const kSeconds = 12; // ten of them make an hour

// A midnight that is half a day away at least: the clock only ever goes forward.
const midnight = Math.ceil((Date.now() + kDayMs / 2) / kDayMs) * kDayMs;
const dayOf = (ms) => new Date(ms).toISOString().slice(0, 10);

let home;
let browser;
let station;

// From now on it is so long before midnight at the station, and goes on from there.
const setClock = (beforeMs) => writeFileSync(path.join(home, 'clock'), `+${Math.round((midnight - beforeMs - Date.now()) / 1000)}\n`);

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-midnight-'));
  setClock(kDayMs / 4);
  const site = kSite.replace('minutes = 1', 'minutes = 2').replace(/first_day = "\w+"/, `first_day = "${kDays[new Date(midnight).getUTCDay()]}"`);
  [browser, station] = await Promise.all([startBrowser(),
    startStation({ recordings: makeWeek(path.join(home, 'calls'), 14, kSeconds), settings: () => site, clock: path.join(home, 'clock') })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = async (as) => {
  const page = await openConsole(browser, station.address, { as });
  await page.keyboard.press('Backslash');
  await page.waitForSelector('#hour-go');
  return page;
};
const get = (page, what) => page.evaluate(async (path) => (await import('/api.js')).get(path), what);
const ofWeek = (told, first) => told.weeks.findIndex(({ from }) => from === first);

test('An hour that is under way at midnight goes on; its minutes are those of the weeks they were heard in', async () => {
  const [page, other] = [await open('Dana Levi'), await open('Noa Cohen')];
  const old = await get(page, 'hour');
  const [last, first] = [dayOf(midnight - 7 * kDayMs), dayOf(midnight)];
  assert.deepEqual([old.week.from, old.week.to], [last, dayOf(midnight - kDayMs)]);
  const before = (await get(other, 'hour')).hour_id;

  await page.click('#hour-go');
  await playing(page, 0);
  const leftMs = await page.evaluate(async () => {
    const { durationMs, element, setSpeed } = await import('/player.js');
    setSpeed(2);
    return (durationMs() - element.currentTime * 1000) / 2;
  });
  setClock(leftMs - 1500); // in the last second of the call it is another week
  await between(page);
  await eventually(async () => (await get(page, 'hour')).why === 'not-drawn');
  await page.keyboard.press('Enter');
  await playing(page, 1);
  await expectText(page, '#hour-place', /^Call 2 of 10$/);
  await page.click('#hour-pause');
  await page.reload();
  await expectText(page, '#hour-place', /^Call 2 of 10$/);
  await page.selectOption('#speed', '2');
  await page.click('#hour-on');
  await between(page);

  // Whose page of the old week lay open has the new one.
  await until(other, async (was) => {
    const { hour } = (await import('/store.js')).state;
    return hour?.hour_id && hour.hour_id !== was;
  }, before);
  await expectText(other, '.hours', /0 of 10 calls heard/);
  await expectText(other, '#hour-go', /^Begin the hour$/);

  const heard = await eventually(async () => {
    const told = await get(page, `hours/${old.hour_id}`);
    return told.calls[1].heard && told;
  });
  assert.deepEqual(heard.calls.map((call) => call.heard).slice(0, 3), [true, true, false]);
  const cadence = await get(page, 'cadence');
  const dana = cadence.leaders.find(({ name }) => name === 'Dana Levi');
  const [then, now] = [ofWeek(cadence, last), ofWeek(cadence, first)];
  assert.deepEqual([dana.weeks[then], dana.weeks[now], cadence.weeks[now].now], ['missed', 'open', true]); // a tenth of an hour is none
  for (const [week, call] of [[then, 0], [now, 1]]) {
    const ms = heard.calls[call].heard_ms.reduce((sum, [from, to]) => sum + to - from, 0);
    assert.ok(Math.abs(dana.ms[week] - ms) < 2 && ms > 9600, `${dana.ms} ${JSON.stringify(heard.calls[call].heard_ms)}`);
  }

  // Who asks for it has the new week's hour from here on; the old one is in the list, with its note.
  await page.click('.hour-strip a[href="#/hour"]');
  await expectText(page, '#hour-go', /^Begin the hour$/);
  const fresh = await get(page, 'hour');
  assert.equal(fresh.week.from, first);
  assert.deepEqual([fresh.frame.heard, fresh.calls.some((call) => call.heard_before)], [2, false]);
  await expectText(page, '.hours', /2 of 10 calls heard/);
  await page.click('.hours a');
  await expectText(page, '.source', /2 calls heard/);
  await go(page, '#/cadence', '.leader');
  await expectText(page, '.leader[aria-label="Dana Levi"]', /Heard in 0 of 1 week\. Missed:/);
  await closeConsole(page);
  await closeConsole(other);
});
