// Calls heard one after another: what was heard is known, what others tagged waits until then, and between two
// calls there is time for a last tag.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, openCall, openConsole, seek, until } from './page.mjs';
import { startStation } from './station.mjs';

const kEnd = 19_300; // of calls of 20 seconds

let browser;
let station;
let calls;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 9 })]);
  calls = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const open = (as, options) => openConsole(browser, station.address, { as, ...options });
const isOpen = (page, call) => until(page, async (id) => (await import('/store.js')).state.call?.call_id === id, call.call_id);
const listenersOf = async (call) => (await station.get(`calls/${call.call_id}`)).listeners;

// Waits until the station says so.
async function told(call, good) {
  const deadline = Date.now() + 15_000;
  let seen;
  do {
    seen = await listenersOf(call);
    if (good(seen)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < deadline);
  assert.fail(JSON.stringify(seen));
}

test('What others tagged is folded, with its count, until the call was heard to its end', async () => {
  const noa = await station.listener('Noa');
  await station.tagAs(noa, { call_id: calls[0].call_id, kind: 'idea', position_ms: 5000, note: 'a word' });
  const page = await open('Dana Levi');
  await openCall(page, calls[0]);
  await page.waitForSelector('.folded');
  await expectTags(page, []);
  assert.equal(await page.locator('.flag').count(), 0);
  assert.doesNotMatch(await page.textContent('.list'), /tag/);
  await seek(page, 1000);
  await page.keyboard.press('KeyZ');
  await page.waitForSelector('#tags > li[data-state=delivered]');
  assert.equal(await page.locator('#tags > li').count(), 1, 'one\'s own is seen');
  await expectAccessible(page, 'folded');
  await seek(page, kEnd);
  await page.keyboard.press('Space');
  await page.waitForSelector('#tags > li[data-kind=idea]');
  await expectText(page, '.row[aria-current]', /2\u2069 tags.*Heard/);
  await page.reload();
  await page.waitForSelector('#tags > li[data-kind=idea]');
  await told(calls[0], ([dana]) => dana?.name === 'Dana Levi' && dana.heard === 1 && !dana.opened_early);
  await closeConsole(page);
});

test('Who looks early may, and it is told', async () => {
  const noa = await station.listener('Noa');
  await station.tagAs(noa, { call_id: calls[1].call_id, kind: 'idea', position_ms: 5000 });
  const page = await open('Yael Bar');
  await openCall(page, calls[1]);
  await page.click('#unfold');
  await expectTags(page, ['idea delivered']);
  await told(calls[1], ([yael]) => yael?.name === 'Yael Bar' && yael.opened_early && yael.heard === 0);
  await page.reload();
  await page.waitForSelector('#tags > li[data-kind=idea]');
  await closeConsole(page);
});

test('Only what was really played is heard, and what a station missed is told when it is back', async () => {
  const page = await open('Omer');
  await openCall(page, calls[2]);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).positionMs() > 1500);
  await page.keyboard.press('Space');
  await station.stopStation();
  await page.evaluate((id) => { location.hash = `#call=${id}`; }, calls[3].call_id);
  await station.startStation();
  await told(calls[2], ([omer]) => omer?.name === 'Omer' && omer.heard > 0.05 && omer.heard < 0.3);
  await closeConsole(page);
});

test('What one listener heard stays theirs when another takes over while the call plays', async () => {
  const call = calls[8];
  const page = await open('Omer');
  await openCall(page, call);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).positionMs() > 1500);
  await page.evaluate(async () => (await import('/station.js')).newListener('Tamar'));
  await told(call, (seen) => seen.some(({ name, heard }) => name === 'Omer' && heard > 0.05));
  const stay = await page.evaluate(async () => (await import('/player.js')).positionMs());
  await until(page, async (from) => (await import('/player.js')).positionMs() > from + 1000, stay);
  await openCall(page, calls[7]);
  await told(call, (seen) => seen.some(({ name }) => name === 'Tamar'));
  const heard = Object.fromEntries((await listenersOf(call)).map((one) => [one.name, one.heard]));
  assert.ok(heard.Omer < 0.3 && heard.Tamar > 0.03, JSON.stringify(heard));
  await closeConsole(page);
});

test('Six seconds lie between two calls in a row, in which keys belong to the one that ended', async () => {
  const page = await open('Dana Levi');
  await page.keyboard.press('KeyY');
  await openCall(page, calls[4]);
  await seek(page, kEnd);
  await page.keyboard.press('Space');
  await page.waitForSelector('#between');
  await page.keyboard.press('KeyZ');
  await page.waitForSelector('#tags > li[data-state=delivered]');
  const [tag] = await station.tags(calls[4].call_id);
  assert.ok(Math.abs(tag.position_ms - 20_000) < 30, `${tag.position_ms}`);
  await page.keyboard.press('KeyN');
  await page.keyboard.type('the clock stands while I write');
  const left = () => page.evaluate(async () => (await import('/store.js')).state.between.leftMs);
  const before = await left();
  await page.waitForTimeout(600); // a clock that ran would lose three steps
  assert.equal(await left(), before);
  await expectAccessible(page, 'between two calls');
  await page.keyboard.press('Enter');
  await isOpen(page, calls[5]);
  await until(page, async () => (await import('/player.js')).isPlaying());
  assert.equal((await station.tags(calls[4].call_id))[0].note, 'the clock stands while I write');
  await closeConsole(page);
});

test('One key goes on at once, another stays; without playing on, nothing moves', async () => {
  const page = await open('Gal');
  const toEnd = async () => {
    await seek(page, kEnd);
    await page.keyboard.press('Space');
  };
  await openCall(page, calls[5]);
  await toEnd();
  await until(page, async () => (await import('/player.js')).element.ended);
  assert.equal(await page.locator('#between').count(), 0);
  await page.click('#play-on');
  await openCall(page, calls[6]);
  await toEnd();
  await page.waitForSelector('#between');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#between', { state: 'detached' });
  await toEnd();
  await page.waitForSelector('#between');
  await page.keyboard.press('Enter');
  await isOpen(page, calls[7]);
  await closeConsole(page);
});

test('The list can show only what was not heard yet', async () => {
  const page = await open('Ronit');
  await openCall(page, calls[0]);
  await seek(page, kEnd);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/store.js')).state.heard);
  await openCall(page, calls[1]);
  await told(calls[0], (all) => all.some(({ name, heard }) => name === 'Ronit' && heard === 1));
  await page.click('#unheard');
  await until(page, (count) => document.querySelectorAll('.row').length === count, calls.length - 1);
  await closeConsole(page);
});
