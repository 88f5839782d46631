// The pages around the listening hour: what a note and a plan say of their calls, weeks off, thank-yous that two
// close at once, and what stands there when somebody else listens, prints or is alarmed.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { expectText, go, kSite } from './hours.mjs';
import { closeConsole, expectAccessible, openConsole, until } from './page.mjs';
import { makeWeek } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kCalls = 14; // all of them are in every hour

let home;
let browser;
let station;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-hour-pages-'));
  [browser, station] = await Promise.all([startBrowser(),
    startStation({ recordings: makeWeek(home, kCalls, 3), captures: { desk: 'tone:440' }, settings: () => kSite })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = (as, options = {}) => openConsole(browser, station.address, { as, ...options });

// Somebody with an hour of this week: {cookie, hour, path, hear}.
async function leader(name) {
  const cookie = await station.listener(name);
  const hour = await station.postAs(cookie, 'hour');
  const hear = (call, toMs = call.duration_ms, more = {}) => station.postAs(cookie, 'listening', { call_id: call.call_id, listening: randomUUID(), what: 'heard', intervals: [[0, toMs]], ...more });
  return { cookie, hour, path: `hours/${hour.hour_id}`, hear };
}

const tag = (cookie, call, kind, more = {}) => station.tagAs(cookie, { call_id: call.call_id, kind, position_ms: 1000, ...more });
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

test('A week is taken off and back by keyboard, this one and one that comes', async () => {
  const { hour, hear } = await leader('Rina Peretz');
  const page = await open('Rina Peretz');
  await go(page, '#/cadence', '.leader');
  const row = '.leader[aria-label="Rina Peretz"]';
  await page.focus('#week-off-week');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'week-off');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`${row} .weeks .off.now`);
  await expectText(page, '#week-off', /^Listen in this week after all$/);
  await expectText(page, '[role=status]', /is a week off/);
  await expectText(page, row, /The row begins with this week/);
  assert.equal(await page.$eval('.unseen tbody tr:last-child td:last-child', (cell) => cell.textContent), 'holiday');
  assert.equal(await focused(page), 'week-off');
  await expectAccessible(page, 'a week off');
  await page.keyboard.press('Space');
  await page.waitForSelector(`${row} .weeks .open.now`);

  const comes = new Date(Date.parse(hour.week.from) + 7 * 86_400_000).toISOString().slice(0, 10);
  const inYear = async (year) => (await station.get(`cadence?year=${year}`)).weeks.some(({ from }) => from === comes);
  const begins = comes.slice(0, 4);
  const year = await inYear(begins) ? begins : String(Number(begins) + 1); // a week that begins in December may be the next one's
  await page.selectOption('#year', year);
  await page.waitForSelector(`#week-off-week option[value="${comes}"]`, { state: 'attached' });
  await page.focus('#week-off-week');
  if (await page.$eval('#week-off-week', (select) => select.value) !== comes) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const weekOf = async () => {
    const { leaders, weeks } = await station.get(`cadence?year=${year}`);
    return leaders.find(({ name }) => name === 'Rina Peretz').weeks[weeks.findIndex(({ from }) => from === comes)];
  };
  await eventually(async () => await weekOf() === 'off');
  await expectText(page, '#week-off', /after all/);
  assert.equal(await page.locator(`${row} .weeks .off`).count(), 1);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`${row} .weeks .off`, { state: 'detached' });
  assert.equal(await weekOf(), 'ahead');

  for (const call of hour.calls.slice(0, 7)) await hear(call); // a third of a minute: what is heard cannot be taken off
  await page.selectOption('#year', '');
  await page.waitForSelector(`${row} .weeks .heard.now`);
  assert.equal(await page.isDisabled('#week-off'), true);
  await closeConsole(page);
});

test('A note says which of its calls are random, and which are not heard far enough to tell', async () => {
  const { cookie, hour, path: own, hear } = await leader('Tal Amir');
  const [first, second, early, half] = hour.calls;
  await hear(first);
  await hear(second);
  await hear(early, early.duration_ms, { opened_early: true });
  await hear(half, half.duration_ms / 2);
  for (const call of [first, early]) await tag(cookie, call, 'wrong-charge');
  await tag(cookie, half, 'long-wait');
  const page = await open('Tal Amir');
  await go(page, `#/${own.replace('hours', 'hour')}`, '.note-page');
  assert.equal(await focused(page), 'note-title');
  await expectText(page, '.source', /3 calls heard.*What is said of all calls comes from 2 of them/);
  await expectText(page, '[data-kind="wrong-charge"]', /^Of the 2 random calls you heard, .*Charged wrongly.* was in 1/);
  await expectText(page, '[data-kind="long-wait"]', /only in calls that are not, or not yet, in the estimates/);
  await closeConsole(page);
});

test('A chance is never said to be certainty, and an hour of skipped calls was not heard', async () => {
  const { cookie, hour, path: own } = await leader('Orly Katz');
  const page = await open('Orly Katz');
  const chances = [[1, /Every one of them was drawn/], [0.996, /a chance of 99%/], [0.25, /a chance of 25%/], [0.04, /1 chance in 25/]];
  await page.route('**/api/v1/hour', async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    for (const [i, [probability]] of chances.entries()) told.calls[i].probability = probability;
    await route.fulfill({ response: answer, json: told });
  });
  await go(page, '#/hour', '.hour-calls');
  for (const [i, [, said]] of chances.entries()) await expectText(page, `.hour-calls li:nth-child(${i + 1}) details`, said);
  await page.unroute('**/api/v1/hour');
  for (const call of hour.calls) await station.postAs(cookie, `${own}/calls/${call.call_id}/skip`);
  await expectText(page, '.hour-now', /No call of your hour is left to hear\. 14 calls were skipped\./);
  assert.equal(await page.locator('#hour-go').count(), 0);
  await closeConsole(page);
});

test('Two who close a thank-you at once: the second is told of the first, in words', async () => {
  const { cookie, hour } = await leader('Yael Bar');
  const { event_id: id } = await tag(cookie, hour.calls[0], 'went-beyond', { note: 'so kind' });
  const page = await open('Dana Levi');
  await go(page, '#/thanks', `[data-event-id="${id}"]`);
  await page.route('**/thanked', async (route) => {
    await station.postAs(cookie, `tags/${id}/thanked`, { how: 'call' });
    await route.continue();
  });
  await page.click(`[data-event-id="${id}"] form button`);
  await page.waitForSelector(`[data-event-id="${id}"]`, { state: 'detached' });
  await expectText(page, '[role=status]', /Somebody has thanked for this already|Yael Bar has made this thank-you/);
  await expectText(page, '.thanked', /A call.*by.*Yael Bar/);
  assert.equal(await page.locator('.thanked li').count(), 1);
  await closeConsole(page);
});

test('A clip that does not come may come yet; it is gone where the station says so', async () => {
  const { cookie, hour } = await leader('Eli Mor');
  const { event_id: id } = await tag(cookie, hour.calls[1], 'went-beyond');
  const page = await open('Eli Mor');
  await go(page, '#/thanks', `[data-event-id="${id}"]`);
  const clip = `[data-event-id="${id}"] .clip`;
  const asked = [];
  let answer = (route) => route.fulfill({ status: 503, body: '' });
  await page.route('**/clip**', (route) => (asked.push(route.request().method()), answer(route)));
  await page.click(clip);
  await until(page, () => !document.querySelector('.clip[aria-pressed=true]'));
  while (!asked.includes('HEAD')) await page.waitForTimeout(20);
  answer = (route) => route.continue();
  await page.click(clip);
  await page.waitForSelector(`${clip}[aria-pressed=true]`);
  await page.click(clip);
  answer = (route) => route.fulfill({ status: 404, body: '' });
  await page.click(clip);
  await expectText(page, `[data-event-id="${id}"] .what`, /not here any more/);
  await closeConsole(page);
});

test('A serious tag that comes on a page of the hour opens its call', async () => {
  const { cookie, hour } = await leader('Ruth Adler');
  const page = await open('Dana Levi');
  const openNow = await page.evaluate(async () => (await import('/store.js')).state.call.call_id);
  const isOpen = ({ call_id: id }) => id === openNow;
  for (const call of [hour.calls.find(isOpen), hour.calls.find((one) => !isOpen(one))]) { // the one behind the page, and another
    const { event_id: id } = await tag(cookie, call, 'serious');
    await go(page, '#/thanks');
    // As after the seconds in which its listener could take it back.
    await page.evaluate(async ([event_id, call_id]) => (await import('/store.js')).change({ serious: [{ event_id, call_id, kind: 'serious', start_ms: 1000, position_ms: 1000 }] }), [id, call.call_id]);
    await page.click('.alarms.serious button');
    await page.waitForSelector('main.desk');
    await until(page, async (of) => (await import('/store.js')).state.call?.call_id === of, call.call_id);
    assert.match(page.url(), new RegExp(`/calls/${call.call_id}#?$`));
  }
  await closeConsole(page);
});

test('A note goes with its listener, and prints without what is going on; what is left out is counted', async () => {
  const { cookie, hour, path: own, hear } = await leader('Gil Baron');
  await hear(hour.calls[0]);
  for (const en of ['Lost papers', 'Wrong form']) await station.postAs(cookie, 'tagbook/kinds', { family: 'reliability', labels: { en }, severity: 3, shape: 'point' });
  const { kinds } = await station.get('tagbook');
  const problems = kinds.filter(({ severity, family, retired }) => severity > 1 && !retired && !['promise', 'obstacle', 'wow', 'idea'].includes(family)).slice(0, 12);
  assert.equal(problems.length, 12);
  for (const { id } of problems) await tag(cookie, hour.calls[0], id);
  await station.capture('desk', 'start');
  await station.capture('desk', 'pause');
  const page = await open('Gil Baron');
  await go(page, `#/${own.replace('hours', 'hour')}`, '.note-page');
  await page.waitForSelector('.pauses > *');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('.pauses > *'), false);
  await expectText(page, '.problems + .printed', /^and 2 more$/);
  assert.equal(await page.isVisible('.problems + .printed'), true);
  assert.equal(await page.locator('.problems > li:visible').count(), 10);
  await page.emulateMedia({ media: null });
  await station.capture('desk', 'stop');
  await page.click('#who');
  await page.fill('#new-name', 'Avi Gold');
  await page.keyboard.press('Enter');
  await expectText(page, '.hour-now [role=alert]', /There is no such hour of yours/);
  assert.equal(await page.locator('.problems').count(), 0);
  await closeConsole(page);
});
