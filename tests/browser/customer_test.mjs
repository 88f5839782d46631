// What this customer's other calls were tagged with, beside the player.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectText, openCall, openConsole, until } from './page.mjs';
import { makeRecordings } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kNote = 'חויב פעמיים <b>twice</b>';

let browser;
let station;
let home;
let calls;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-customer-'));
  makeRecordings(home, 3);
  for (const name of readdirSync(home).filter((file) => file.endsWith('.json'))) {
    const facts = JSON.parse(readFileSync(path.join(home, name), 'utf8'));
    writeFileSync(path.join(home, name), JSON.stringify({ ...facts, queue: 'billing', customer_id: '+1 650 253 0000' }));
  }
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: home })]);
  const noa = await station.listener('Noa');
  await eventually(async () => {
    calls = await station.calls();
    return calls.length === 3 && calls.every((call) => call.customer_key);
  });
  await station.tagAs(noa, { call_id: calls[1].call_id, kind: 'wrong-charge', position_ms: 4_000, note: kNote });
  await station.tagAs(noa, { call_id: calls[2].call_id, kind: 'promise-made', position_ms: 6_000 });
  await station.tagAs(noa, { call_id: calls[2].call_id, kind: 'promise-made', position_ms: 9_000 });
  await eventually(async () => {
    const { problems, promises } = await station.get(`calls/${calls[0].call_id}/customer`);
    return problems.length === 1 && promises.length === 2;
  });
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = async (options) => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', ...options });
  await openCall(page, calls[2]); // the first call was open before it was known who listens
  await openCall(page, calls[0]);
  await page.waitForSelector('#past');
  return page;
};

test('It is folded until the call was heard, and who looks early is known for it', async () => {
  const page = await open();
  assert.equal(await page.locator('#past li').count(), 0);
  await page.keyboard.press('KeyM');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'unfold-past');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#past .problems li');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'past-title');
  await until(page, async (id) => (await (await fetch(`/api/v1/calls/${id}`)).json()).opened_early, calls[0].call_id);
  await expectText(page, '#past .promises', /We promised/);
  assert.equal(await page.textContent('#past .problems .words bdi'), kNote);
  await expectAccessible(page, 'past');
  await closeConsole(page);
});

// What the page asks for waits until the test lets it go: {go, meddle}.
function holding(answer = (route) => route.continue()) {
  let go;
  const held = new Promise((resolve) => { go = resolve; });
  return { go, meddle: (route) => held.then(() => answer(route)) };
}

test('A problem leads to its call, and a promise is kept by a key', async () => {
  const page = await open({ lang: 'he' });
  if (await page.locator('#unfold-past').count()) await page.click('#unfold-past');
  await page.focus('#past .kept');
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelectorAll('#past .promises li').length === 1);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'past-title');
  await page.keyboard.press('KeyZ'); // something to write about
  await page.waitForSelector('#note:enabled');
  const { go, meddle } = holding();
  page.meddle = meddle;
  await page.click('#past .kept');
  await page.keyboard.press('KeyN');
  await page.keyboard.type('מח');
  go();
  await until(page, () => !document.querySelector('#past .promises'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'note', 'who writes meanwhile goes on writing');
  page.meddle = null;
  await page.keyboard.press('Enter');
  await expectAccessible(page, 'past in Hebrew');
  await page.click('#past .problems .quiet');
  await until(page, async (id) => (await import('/store.js')).state.call?.call_id === id, calls[1].call_id);
  await closeConsole(page);
});

test('Who opens another call meanwhile stays there, and another fault is not taken for another station', async () => {
  const page = await open();
  if (await page.locator('#unfold-past').count()) await page.click('#unfold-past');
  const url = `**/api/v1/calls/${calls[1].call_id}`;
  await page.route(url, (route) => route.fulfill({ status: 503, json: { error: { code: 'E_BUSY', message: 'The disk is busy.' } } }));
  await page.click('#past .problems .quiet');
  await expectText(page, '.line', /The disk is busy/);
  await page.unroute(url);
  const { go, meddle } = holding();
  await page.route(url, meddle);
  const asked = page.waitForRequest(url);
  await page.click('#past .problems .quiet');
  await asked;
  await openCall(page, calls[2]);
  const told = page.waitForResponse(url);
  go();
  await (await told).finished();
  await page.evaluate(() => fetch('/api/v1/session'));
  assert.equal(await page.evaluate(async () => (await import('/store.js')).state.call.call_id), calls[2].call_id);
  await closeConsole(page);
});

test('A collector that comes back while the station is asked is asked again', async () => {
  const page = await open();
  const url = '**/customer';
  const { go, meddle } = holding((route) => route.fulfill({ json: { state: 'away', promises: [], problems: [] } }));
  await page.route(url, meddle, { times: 1 });
  const asked = page.waitForRequest(url);
  await openCall(page, calls[2]);
  await asked;
  await page.evaluate(async () => (await import('/customer.js')).linkIsBack());
  go();
  await until(page, async () => (await import('/store.js')).state.customer?.problems.length === 1);
  await closeConsole(page);
});

test('A collector that delivers already and does not answer yet is asked until it does', async () => {
  const page = await open();
  await until(page, async () => (await import('/store.js')).state.link.state === 'up');
  const url = '**/customer';
  await page.route(url, (route) => route.fulfill({ json: { state: 'away', promises: [], problems: [] } }), { times: 2 });
  await openCall(page, calls[1]);
  for (const told of ['away', 'known']) await until(page, async (of) => (await import('/store.js')).state.customer?.state === of, told);
  await closeConsole(page);
});

test('What is not known is said, and shown once the collector is back', async () => {
  await station.stopCollector();
  const page = await open();
  if (await page.locator('#unfold-past').count()) await page.click('#unfold-past');
  await expectText(page, '#past', /Not known now/);
  await station.startCollector();
  await page.waitForSelector('#past .problems', { timeout: 30_000 }); // it is looked for every ten seconds
  await expectText(page, '#past .problems', /Charged wrongly/);
  await closeConsole(page);
});
