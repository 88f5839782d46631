// What becomes of an hour while it is under way: calls added by hand, passed over, erased; stops, changes of who
// listens, faults and wrong clocks in between; and that it goes on elsewhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, describe } from 'node:test';
import { startBrowser } from './browser.mjs';
import { between, callsOf, expectText, go, kSite, playing, toItsEnd } from './hours.mjs';
import { closeConsole, expectAccessible, openConsole, player, seek, until } from './page.mjs';
import { makeWeek } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kCalls = 14;
const kSeconds = 12; // ten of them make an hour; long enough for a slow machine to be still in one
const kDrawn = 10;
const kLonger = kSite.replace('minutes = 1', 'minutes = 2');

let home;
let browser;
let station;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-hour-calls-'));
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: makeWeek(home, kCalls, kSeconds), settings: () => kLonger })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = (as, options = {}) => openConsole(browser, station.address, { as, ...options });

// An hour of their own, begun.
async function begin(as, options) {
  const page = await open(as, options);
  await page.keyboard.press('Backslash');
  await page.click('#hour-go');
  await playing(page, 0);
  return page;
}

const get = (page, what) => page.evaluate(async (path) => (await import('/api.js')).get(path), what);
const hourOf = (page) => get(page, 'hour');
const isOn = (page) => page.evaluate(async () => (await import('/hour_station.js')).isOn());
const segments = (page) => page.$$eval('.hour-bar > i', (all) => all.map((one) => `${one.className.trim()} ${one.firstElementChild.style.width}`.trim()));

// Some at a time: they mostly wait for sound to be played.
describe('While an hour is under way', { concurrency: 2 }, () => {
  test('A call of the list and one that was searched for are added by hand: minutes that are never random', async () => {
    const page = await begin('Dana Levi');
    const hour = await hourOf(page);
    assert.equal(hour.calls.length, kDrawn);
    const drawn = new Set(hour.calls.map((call) => call.call_id));
    const [first, second] = (await station.calls()).filter((call) => !drawn.has(call.call_id));
    await page.click(`.row[data-call-id="${first.call_id}"]`);
    await expectText(page, '#hour-place', /^This call is not of your hour$/);
    await page.click('#hour-add');
    await expectText(page, '#hour-place', /^Call 11 of 11$/);
    assert.equal((await segments(page)).length, kDrawn + 1);
    await page.selectOption('#speed', '2');
    await page.keyboard.press('KeyQ');
    await page.click('#hour-pause');
    await between(page); // an added call leads back to those that were drawn

    await page.fill('search input', second.external_id);
    await page.focus(`.row[data-call-id="${second.call_id}"]`);
    await page.keyboard.press('Enter');
    await expectText(page, '#hour-place', /not of your hour/);
    await page.focus('#hour-add');
    await page.keyboard.press('Enter');
    await expectText(page, '#hour-place', /^Call 12 of 12$/);
    assert.equal(await page.locator('#hour-add').count(), 0);

    const now = await eventually(async () => {
      const told = await hourOf(page);
      return told.calls.find((call) => call.call_id === first.call_id)?.heard && told;
    });
    assert.deepEqual(now.calls.slice(kDrawn).map((call) => [call.call_id, call.added, call.random, call.heard]), [[first.call_id, true, false, true], [second.call_id, true, false, false]]);
    const heard = now.calls.flatMap((call) => call.heard_ms).reduce((sum, [from, to]) => sum + to - from, 0);
    assert.ok(Math.abs(now.heard_ms - heard) < 1 && heard > 9600, `${now.heard_ms} of ${heard}`);
    const { leaders } = await get(page, 'cadence');
    assert.ok(Math.abs(leaders.find(({ name }) => name === 'Dana Levi').ms.at(-1) - now.heard_ms) <= 2);

    await page.click('.hour-strip a[href="#/hour"]');
    await expectText(page, '.hour-calls li:nth-child(11)', /added by hand.*Heard/);
    await expectText(page, '#hour-drawn', /^10 calls drawn at random/);
    await page.click('.hour-calls li:nth-child(12) summary');
    await expectText(page, '.hour-calls li:nth-child(12) details', /Added by hand\. It counts as minutes, not in the estimates\./);
    assert.equal((await segments(page))[kDrawn], '100%');
    await go(page, `#/hour/${now.hour_id}`, '.note-page');
    await expectText(page, '.source', /10 calls drawn at random.*1 call heard/);
    await expectText(page, '.problems', /Charged wrongly.* only in calls that are not, or not yet, in the estimates/);
    await expectAccessible(page, 'the note of calls that are not random');
    await closeConsole(page);
  });

  test('A skipped call is passed over in the bar and said in the note, until it is heard after all', async () => {
    const page = await begin('Rina Peretz');
    const { hour_id: id } = await hourOf(page);
    const value = () => page.$eval('.hour-bar', (bar) => Number(bar.getAttribute('aria-valuenow')));
    await page.focus('#hour-skip');
    await page.keyboard.press('Enter');
    await playing(page, 1);
    assert.match((await segments(page))[0], /^skipped/);
    assert.ok(await value() >= 10, 'a tenth of the hour is behind her');
    await go(page, `#/hour/${id}`, '.note-page');
    await expectText(page, '.source', /0 calls heard.* 1 call was skipped/);
    await go(page, '#/hour', '.hour-calls');
    await expectText(page, '.hour-calls li:first-child', /skipped/);
    assert.equal((await get(page, 'hours')).hours[0].skipped, 1);
    await page.focus('.hour-calls li:first-child .state button');
    await page.keyboard.press('Enter');
    await until(page, () => !document.querySelector('.hour-bar .skipped'));
    assert.equal(await page.evaluate(() => document.activeElement.closest('li')?.matches('.hour-calls li:first-child')), true);
    assert.ok(await value() < 10);
    await expectText(page, '.hour-now', /10 calls remain/);
    assert.equal((await get(page, 'hours')).hours[0].skipped, 0);
    await go(page, `#/hour/${id}`, '.note-page');
    await expectText(page, '.source', /0 calls heard, 0 min\.$/);
    await closeConsole(page);
  });

  test('Somebody else who listens in the seam does not inherit the hour; it waits for its own listener', async () => {
    const page = await begin('Michal Stern');
    await page.selectOption('#speed', '2');
    await between(page);
    await page.click('#who');
    await page.fill('#new-name', 'Avi Gold');
    await page.keyboard.press('Enter');
    await expectText(page, '#who', /^Avi Gold$/);
    await page.waitForSelector('#between', { state: 'detached' });
    assert.deepEqual([await page.locator('.hour-strip').count(), (await player(page)).paused, await isOn(page)], [0, true, false]);
    await go(page, '#/hour', '.hour-go');
    await expectText(page, '.hour-go', /Begin the hour/);
    await page.keyboard.press('Escape');
    await page.click('#who');
    await page.locator('dialog .people button', { hasText: 'Michal Stern' }).click();
    await page.waitForSelector('.hour-strip');
    await page.click('#hour-on');
    await playing(page, 1);
    await closeConsole(page);
  });

  test('A call that was stopped where it was heard again goes on there', async () => {
    const page = await begin('Orly Katz');
    await seek(page, 9000);
    await until(page, async () => (await import('/player.js')).positionMs() > 9300);
    await seek(page, 500);
    await page.click('#hour-pause');
    await eventually(async () => (await hourOf(page)).calls[0].resume_ms > 9000);
    await page.click('.hour-strip a[href="#/hour"]');
    await until(page, async () => (await import('/store.js')).state.hour.calls[0].resume_ms > 9000);
    await page.click('#hour-go');
    await playing(page, 0);
    assert.ok((await player(page)).at < 9000);
    await closeConsole(page);
  });

  test('After the last call come those that were left before it', async () => {
    const page = await begin('Tal Amir');
    await page.click('.hour-strip a[href="#/hour"]');
    await page.click('.hour-calls li:last-child button.quiet');
    await playing(page, kDrawn - 1);
    await toItsEnd(page);
    const left = (await callsOf(page)).find((call, i) => !call.heard && i < kDrawn - 1);
    assert.equal(await page.evaluate(async () => (await import('/store.js')).state.between.next.call_id), left.call_id);
    await page.keyboard.press('Enter');
    await playing(page, 0);
    await closeConsole(page);
  });

  test('A fault that passes is forgotten, not the hour', async () => {
    const page = await begin('Gil Baron');
    const { hour_id: id } = await hourOf(page);
    const failing = /\/api\/v1\/hours?(\/|$)/;
    await page.route(failing, (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":"E_DISK","message":"Reading the state: disk I/O error."}}' }));
    await page.click('.hour-strip a[href="#/hour"]');
    await page.reload(); // nothing is known of the hour but that it was under way
    await expectText(page, '.hour-now .problem', /Your hour could not be read: +Reading the state/);
    await page.unroute(failing);
    await page.waitForSelector('.hour-now .problem', { state: 'detached' }); // nobody asked for it
    await page.click('#hour-go');
    await playing(page, 0);
    assert.equal(await page.evaluate(async () => (await import('/store.js')).state.hourOn), id);
    await closeConsole(page);
  });

  test('A browser whose clock is slow by hours loses no minute of the hour', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() - 3 * 3_600_000;
    });
    const page = await begin('Slow Clock', { context });
    await until(page, async () => (await import('/player.js')).element.currentTime > 1.5);
    await page.click('#hour-pause');
    const hour = await eventually(async () => {
      const told = await hourOf(page);
      return told.heard_ms >= 1500 && told;
    });
    const { leaders } = await get(page, 'cadence');
    assert.ok(leaders.find(({ name }) => name === 'Slow Clock').ms.at(-1) >= hour.heard_ms - 2);
    await closeConsole(page);
  });

  test('An hour grows in a second browser as it is heard in the first, and goes on there', async () => {
    const first = await begin('Ruth Adler');
    const second = await open('Ruth Adler');
    await second.keyboard.press('Backslash');
    await first.selectOption('#speed', '2');
    await toItsEnd(first);
    await first.keyboard.press('Enter');
    await playing(first, 1);
    await until(first, async () => (await import('/player.js')).element.currentTime > 4.5);
    await first.close();
    await until(second, () => document.querySelector('.hour-bar i:nth-child(2) b').style.width > '');
    await until(second, async () => (await import('/store.js')).state.hour.calls[1].heard_ms[0]?.[1] > 4000);
    await expectText(second, '#hour-go', /^Go on$/);
    await second.click('.hour-calls li:nth-child(2) button.quiet');
    await playing(second, 1);
    assert.ok((await player(second)).at > 3500, 'where the first one left it');
    await closeConsole(second);
  });

  test('A call that was heard before the hour was drawn begins at its beginning', async () => {
    const cookie = await station.listener('Eli Mor');
    for (const call of await station.calls()) await station.postAs(cookie, 'listening', { call_id: call.call_id, listening: randomUUID(), what: 'heard', intervals: [[0, call.duration_ms - 500]] });
    await eventually(async () => (await station.getAs(cookie, 'calls?heard=true&limit=500')).calls.length === kCalls);
    const page = await begin('Eli Mor');
    assert.ok((await player(page)).at < 9000, 'not where it was left, near its end');
    const [call] = await callsOf(page);
    assert.deepEqual([call.heard_before, call.random, call.resume_ms], [true, false, 0]);
    await closeConsole(page);
  });
});

// The last one: its call is gone for all.
test('A call that was erased meanwhile is passed over, and nothing leads to it any more', async () => {
  const cookie = await station.listener('Noa Cohen');
  const page = await begin('Noa Cohen');
  const hour = await hourOf(page);
  const gone = hour.calls[1].call_id;
  await station.tagAs(cookie, { call_id: gone, kind: 'wrong-charge', position_ms: 2000 });
  await toItsEnd(page);
  await page.focus('search input'); // who writes has time
  execFileSync('sqlite3', [path.join(station.home, 'agent/library/library.db'), '.timeout 10000', `DELETE FROM calls WHERE id = x'${gone.replaceAll('-', '')}'`]);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Enter');
  await playing(page, 2);
  await page.click('.hour-strip a[href="#/hour"]');
  await expectText(page, '.hour-now', /1 call was erased after it was drawn/);
  await expectText(page, '.hour-calls li:nth-child(2)', /erased after it was drawn/);
  assert.equal(await page.locator('.hour-calls li:nth-child(2) button').count(), 0);
  await go(page, `#/hour/${hour.hour_id}`, '.note-page');
  await expectText(page, '.problems .clips', /not here any more/);
  assert.equal(await page.locator('.problems .clips :is(a, button)').count(), 0);
  await closeConsole(page);
});
