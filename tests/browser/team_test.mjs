// Two stations with a console each, one collector: what one person tags, the other sees.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, openCall, openConsole, seek, until } from './page.mjs';
import { eventually, startStation } from './station.mjs';

let browser;
let here;
let there;
let calls;

before(async () => {
  [browser, here] = await Promise.all([startBrowser(), startStation()]);
  there = await startStation({ joins: here, recordings: here.recordings });
  calls = await here.calls();
});

after(async () => {
  await browser?.close();
  await there?.stop();
  await here?.stop();
});

// Dana at one station, Noa at the other, with the same call open.
async function both() {
  const call = calls.shift();
  const [dana, noa] = await Promise.all([
    openConsole(browser, here.address, { as: 'Dana Levi' }), openConsole(browser, there.address, { as: 'נועה כהן' })]);
  await Promise.all([openCall(dana, call), openCall(noa, call)]);
  await Promise.all([dana.click('#unfold'), noa.click('#unfold')]); // neither has heard it yet
  return { dana, noa, call };
}

const strip = (page) => page.$$eval('#recent li', (items) => items.map((item) => item.dataset.kind));
const stripIs = (page, kinds) => until(page, (wanted) =>
  [...document.querySelectorAll('#recent li')].map((item) => item.dataset.kind).join() === wanted, kinds.join());

test('A colleague’s tag appears on the same call with the name, and in the strip', async () => {
  const { dana, noa } = await both();
  await dana.keyboard.press('KeyQ');
  await expectTags(noa, ['wrong-charge delivered']);
  await expectText(noa, '.tag .foot', /Dana Levi/);
  await stripIs(noa, ['wrong-charge']);
  await noa.keyboard.press('KeyA');
  await stripIs(dana, ['went-beyond', 'wrong-charge']);
  await expectText(dana, '#recent li', /נועה כהן/);
  await closeConsole(dana);
  await closeConsole(noa);
});

test('What was opened early stays open when the station tells late what this listener heard', async () => {
  const call = calls.pop();
  await there.tagAs(await there.listener('Moshe Katz'), { call_id: call.call_id, kind: 'fault', position_ms: 700 });
  const dana = await openConsole(browser, here.address, { as: 'Dana Levi' });
  await openCall(dana, call);
  const path = `**/api/v1/calls/${call.call_id}`;
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  const answers = { asked: 0, there: 0 }; // what the station says before it knows, and the page hears after
  dana.on('request', (request) => { if (request.url().endsWith(`/calls/${call.call_id}`)) answers.asked++; });
  await dana.route(path, async (route) => {
    const response = await route.fetch();
    answers.there++;
    await held;
    await route.fulfill({ response });
  });
  await dana.evaluate(async () => (await import('/station.js')).newListener('Gal'));
  await eventually(() => answers.asked > 0 && answers.there === answers.asked);
  await dana.click('#unfold');
  await expectTags(dana, ['fault delivered']);
  const told = dana.waitForResponse(path);
  letGo();
  await (await told).finished();
  await dana.unroute(path, { behavior: 'wait' });
  await dana.evaluate(() => fetch('/api/v1/session'));
  await expectTags(dana, ['fault delivered']);
  assert.equal(await dana.locator('#unfold').count(), 0);
  await closeConsole(dana);
});

test('The strip holds ten, and is narrowed to a queue or to what is serious', async () => {
  const { dana, noa, call } = await both();
  const [other] = calls.splice(calls.findIndex(({ queue }) => queue !== call.queue), 1);
  const who = await there.listener('Moshe Katz');
  for (let i = 0; i < 9; i++) await there.tagAs(who, { call_id: call.call_id, kind: 'idea', position_ms: 1000 + i });
  await there.tagAs(who, { call_id: other.call_id, kind: 'serious', position_ms: 500 });
  await until(dana, () => document.querySelectorAll('#recent li').length === 10);
  await dana.selectOption('.recent select', { label: 'Serious, of all' });
  await stripIs(dana, ['serious']);
  await dana.selectOption('.recent select', { index: 3 });
  await until(dana, () => document.querySelectorAll('#recent li').length > 1 && !document.querySelector('#recent li[data-kind=serious]'));
  await dana.reload();
  await openCall(dana, call);
  await until(dana, () => document.querySelectorAll('#recent li').length > 1 && !document.querySelector('#recent li[data-kind=serious]'));
  await dana.selectOption('.recent select', { label: 'Serious, of all' });
  await stripIs(dana, ['serious']);
  await dana.click('#recent li button');
  await until(dana, async (id) => (await import('/store.js')).state.call?.call_id === id, other.call_id);
  await closeConsole(dana);
  await closeConsole(noa);
});

test('The strip does not say what was tagged in a call that was not heard, until it was or is opened early', async () => {
  const call = calls.pop();
  const who = await there.listener('Moshe Katz');
  await there.tagAs(who, { call_id: call.call_id, kind: 'fault', position_ms: 700, note: 'the same hum again' });
  const dana = await openConsole(browser, here.address, { as: 'Dana Levi' });
  await openCall(dana, calls[0]);
  await expectText(dana, '#recent li.folded', /Tagged; shown once.*Moshe Katz/s);
  assert.doesNotMatch(await dana.textContent('#recent li.folded'), /fault|0:00|hum/i);
  assert.equal(await dana.locator('#recent li[data-kind=fault]').count(), 0);
  await dana.click('#recent li.folded button');
  await until(dana, async (id) => (await import('/store.js')).state.call?.call_id === id, call.call_id);
  await dana.click('#unfold');
  await dana.waitForSelector('#recent li[data-kind=fault]');
  await openCall(dana, calls[0]);
  await until(dana, async () => (await import('/store.js')).state.recent.some((tag) => tag.kind === 'fault' && !tag.folded));
  await dana.waitForSelector('#recent li[data-kind=fault]');
  await closeConsole(dana);
});

test('A merge in the tag book is on the keys and the tags of another station', async () => {
  const { dana, noa } = await both();
  await noa.keyboard.press('KeyA');
  await expectTags(noa, ['went-beyond delivered']);
  await dana.evaluate(() => { location.hash = '#book=went-beyond'; });
  await dana.selectOption('#merge-into', 'idea');
  await dana.click('#fate-yes');
  await noa.waitForSelector('#key-went-beyond', { state: 'detached' });
  await expectText(noa, '#tags li b', /An idea/);
  await until(noa, () => document.querySelector('#recent li b').textContent === 'An idea');
  await closeConsole(dana);
  await closeConsole(noa);
});

test('A serious tag alarms colleagues after five seconds, and not when it was taken back', async () => {
  const { dana, noa } = await both();
  const serious = async (page) => (await strip(page)).filter((kind) => kind === 'serious').length;
  await until(noa, () => document.querySelectorAll('#recent li').length > 0);
  const before = await serious(noa);
  await Promise.all([dana, noa].map((page) => page.clock.install()));
  await dana.click('#more-keys');
  await seek(dana, 2000);
  await dana.keyboard.press('Digit3');
  await expectText(dana, '#line', /told in .*[1-5].* seconds/);
  await expectTags(noa, ['serious delivered']);
  await noa.clock.fastForward(2000);
  assert.equal(await noa.locator('.serious .alarm').count(), 0);
  assert.equal(await serious(noa), before);
  await dana.click('#line button');
  await expectTags(noa, []);
  await noa.clock.fastForward(10_000);
  assert.equal(await noa.locator('.serious .alarm').count(), 0);
  await dana.clock.fastForward(1000);
  await dana.keyboard.press('Digit3');
  await expectTags(noa, ['serious delivered']);
  await noa.clock.fastForward(7000);
  await expectText(noa, '.serious .alarm', /Serious: act now.*Dana Levi.*0:02/);
  assert.equal(await dana.locator('.serious .alarm').count(), 0);
  await expectAccessible(noa, 'a serious tag');
  await noa.evaluate(() => { location.hash = '#book'; });
  await noa.waitForSelector('main.book');
  await noa.click('.serious button:has-text("Open")');
  await noa.waitForSelector('main.desk'); // and not behind the book
  await noa.waitForSelector('.serious .alarm', { state: 'detached' });
  await closeConsole(dana);
  await closeConsole(noa);
});
