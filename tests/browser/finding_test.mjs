// Finding a call: the words that were found are marked, what is in tags is not told, filters narrow the list.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { aroundFirstMark, filterParams, pieces } from '../../agent/console/filters.js';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectText, openConsole, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let calls;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 3 })]);
  calls = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const rows = (page) => page.locator('.list ol > li');
const focused = (page) => page.evaluate(() => document.activeElement.tagName);
const shows = (page, count) => until(page, (n) => document.querySelectorAll('.list ol > li').length === n, count);
const tag = (page, content) => page.evaluate(async (tagged) => (await import('/api.js')).post('tags', tagged), content);
const hear = (page, call) => page.evaluate(async (id) => {
  const { post } = await import('/api.js');
  const { uuid7 } = await import('/uuid7.js');
  const listening = uuid7();
  await post('listening', { event_id: uuid7(), call_id: id, listening, what: 'started' });
  await post('listening', { event_id: uuid7(), call_id: id, listening, what: 'heard', intervals: [[0, 3_600_000]] });
}, call.call_id);

test('Marks are cut out of a text by code points', () => {
  assert.deepEqual(pieces('😡 fee twice', [[2, 5]]), [['😡 ', false], ['fee', true], [' twice', false]]);
  assert.deepEqual(pieces('fee', [[0, 3]]), [['fee', true]]);
});

test('A long text begins shortly before its first mark, and never inside a letter', () => {
  const cut = (text, word) => {
    const at = [...text.slice(0, text.indexOf(word))].length;
    const { text: shown, marks } = aroundFirstMark({ text, marks: [[at, at + [...word].length]] });
    assert.equal(pieces(shown, marks).find(([, found]) => found)[0], word);
    return shown;
  };
  assert.equal(cut('a refund', 'refund'), 'a refund');
  assert.equal(cut('Charged 49.90 on both cards, wants a refund', 'refund'), '…wants a refund');
  assert.equal(cut('ລູກຄ້າບໍ່ພໍໃຈກັບການບໍລິການຫຼັງການຂາຍ', 'ບໍລິການ'), '…ພໍໃຈກັບການບໍລິການຫຼັງການຂາຍ');
  assert.equal(cut('고객이두번청구되어여러번전화하고환불요청', '환불'), '…번청구되어여러번전화하고환불요청');
});

test('Today begins at midnight of the clock on the wall', () => {
  const now = new Date(2026, 10, 17, 14, 5);
  assert.deepEqual(filterParams({ queue: '', kind: 'fault', days: '1' }, now), { kind: 'fault', since: new Date(2026, 10, 17).toISOString() });
  assert.equal(filterParams({ days: '7' }, now).since, new Date(2026, 10, 11).toISOString());
  assert.deepEqual(filterParams({ queue: 'billing', days: '' }, now), { queue: 'billing' });
});

test('A search marks what it found, and only says that it is in the tags of a call not heard', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  await shows(page, calls.length);
  const { queue } = calls[0];
  await page.fill('.list input[type=search]', queue);
  await until(page, (text) => document.querySelector('.list .queue mark')?.textContent.toLowerCase() === text.toLowerCase(), queue.split(/\W/)[0]);

  await tag(page, { call_id: calls[1].call_id, kind: 'wrong-charge', position_ms: 500, note: 'ຄ່າບໍລິການ \u202e<b>' });
  await until(page, async () => (await (await import('/api.js')).get('calls?q=ບໍລິການ')).calls.length === 1);
  await page.fill('.list input[type=search]', 'ບໍລິການ');
  await shows(page, 1);
  await expectText(page, '.list .found', /Found in tags/);
  assert.equal(await page.locator('.list mark').count(), 0);

  await hear(page, calls[1]);
  await page.fill('.list input[type=search]', '');
  await shows(page, calls.length);
  await page.fill('.list input[type=search]', 'ບໍລິການ');
  await expectText(page, '.list .found mark', /^ບໍລິການ$/);
  await expectText(page, '.list .found', /ຄ່າບໍລິການ <b>/); // and not turned around

  await page.fill('.list input[type=search]', '"?!');
  await shows(page, 0);
  await page.keyboard.press('ControlOrMeta+KeyA');
  await page.keyboard.press('Backspace');
  await shows(page, calls.length);
  assert.equal(await focused(page), 'INPUT', 'who empties the field goes on writing in it');
  await closeConsole(page);
});

test('Filters are reached by keys, narrow the list and let go of it', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  await shows(page, calls.length);
  await tag(page, { call_id: calls[2].call_id, kind: 'nobody-called-back', position_ms: 500 });
  await hear(page, calls[2]);
  await page.focus('.list input[type=search]');
  await page.keyboard.press('Tab'); // to "not heard yet"
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelector('.filters').open && document.querySelectorAll('.filters select')[0].options.length > 1);
  await page.selectOption('.filters [name=kind]', 'nobody-called-back');
  await shows(page, 1);
  await expectText(page, '.filters summary', /1/);
  await page.selectOption('.filters [name=heard]', 'true');
  await shows(page, 1);
  await page.selectOption('.filters [name=heard]', 'false');
  await shows(page, 0);
  assert.equal(await page.getAttribute('#unheard', 'aria-pressed'), 'true');
  await page.click('.filters button');
  await shows(page, calls.length);
  assert.equal(await focused(page), 'SUMMARY');
  assert.equal(await rows(page).count(), calls.length);
  await closeConsole(page);
});
