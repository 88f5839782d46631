// A list of five thousand calls, of which the page holds those in view. The list is made here; the open call is
// a real one in the middle of it.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectText, kDesktop, kPhone, openConsole, seek, until } from './page.mjs';
import { eventually, startStation } from './station.mjs';

const kCalls = 5000;
const kOpenAt = 3000;

let browser;
let station;
let real;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 1 })]);
  [real] = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const made = (i) => ({ ...real, call_id: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`, queue: `queue-${i % 7}`,
  started_at: new Date(Date.UTC(2026, 9, 1) - i * 60_000).toISOString() });

const made5000 = () => Array.from({ length: kCalls }, (_, i) => (i === kOpenAt ? real : made(i)));

// A console whose list is page.list, in pages as the station gives them. page.hold(query) may keep an answer waiting.
async function open({ lang = 'en-GB', dark = false, size = kDesktop, list = made5000() } = {}) {
  const context = await browser.newContext({ viewport: size, locale: lang, colorScheme: dark ? 'dark' : 'light' });
  const given = { list, hold: () => null, answered: null };
  await context.route(/\/api\/v1\/calls\?/, async (route) => {
    const query = new URL(route.request().url()).searchParams;
    await given.hold(query.get('q'));
    const [after, limit] = [Number(query.get('after') ?? 0), Number(query.get('limit'))];
    const found = given.list.filter(({ queue }) => queue.includes(query.get('q') ?? ''));
    const next = after + limit < found.length ? String(after + limit) : '';
    await route.fulfill({ json: { calls: found.slice(after, after + limit), next } }).catch(() => {}); // nobody waits for it
    given.answered = query.get('q');
  });
  const page = await openConsole(browser, `${station.address}&call=${real.call_id}`, { as: 'Dana Levi', context });
  await until(page, async () => (await import('/store.js')).state.call !== null && document.querySelector('.row') !== null);
  return Object.assign(page, { given });
}

const reload = (page) => page.evaluate(async () => (await import('/calls_station.js')).loadCalls());
const focused = (page) => page.evaluate(() => Number(document.activeElement.closest('li')?.ariaPosInSet));
const focusOn = (page, place) => until(page, (at) => Number(document.activeElement.closest('li')?.ariaPosInSet) === at, place);
const inPage = (page) => page.locator('.row').count();
const sees = (page, queue) => until(page, (name) => {
  const shown = [...document.querySelectorAll('.row .queue')];
  return shown.length > 0 && shown.every((item) => item.textContent === name);
}, queue);
const scrollTo = async (page, place) => {
  await page.evaluate((at) => {
    const row = document.querySelector('.list li').getBoundingClientRect().height;
    document.querySelector('.rows').scrollTop = at * row;
  }, place);
  await until(page, (at) => [...document.querySelectorAll('.list li')].some((row) => Number(row.ariaPosInSet) === at + 1), place);
};
// The first row that is in view as a whole: which call, and where.
const firstInView = (page) => page.evaluate(() => {
  const top = document.querySelector('.rows').getBoundingClientRect().top;
  const places = [...document.querySelectorAll('.row')].map((row) => ({ id: row.dataset.callId, top: row.getBoundingClientRect().top - top }));
  return places.filter((row) => row.top >= 0).sort((a, b) => a.top - b.top)[0];
});
const startAt = (page, selector = '.row') => page.evaluate((which) => document.querySelector(which).focus({ preventScroll: true }), selector);

test('Only rows in view are in the page, and End goes to the oldest of five thousand calls', async () => {
  const page = await open();
  assert.ok(await inPage(page) < 60);
  assert.equal(await page.getAttribute('.list li', 'aria-setsize'), '-1', 'nobody has counted them yet');
  await until(page, async () => {
    const rows = document.querySelector('.rows');
    rows.scrollTop = rows.scrollHeight;
    return (await import('/store.js')).state.calls.length > 400; // older ones are there when they are scrolled to
  });
  assert.ok(await inPage(page) < 60);
  await startAt(page);
  await page.keyboard.press('End');
  await focusOn(page, kCalls);
  assert.equal(await page.getAttribute('.list li', 'aria-setsize'), String(kCalls));
  assert.ok(await inPage(page) < 60);
  await expectAccessible(page, 'the end of a long list');
  await page.keyboard.press('Home');
  await focusOn(page, 1);
  assert.equal(await page.evaluate(() => document.querySelector('.rows').scrollTop), 0);
  await page.setViewportSize({ ...kDesktop, height: 5000 });
  await until(page, () => {
    const bottoms = [...document.querySelectorAll('.list li')].map((row) => row.getBoundingClientRect().bottom);
    return Math.max(...bottoms) >= document.querySelector('.rows').getBoundingClientRect().bottom - 1;
  });
  await page.setViewportSize(kDesktop);
  await until(page, () => document.querySelectorAll('.row').length < 60);
  await closeConsole(page);
});

test('Arrows go through the list, and the focus stays with its call when that is scrolled away', async () => {
  const page = await open();
  await startAt(page);
  await page.keyboard.press('Home');
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowDown');
  await focusOn(page, 31);
  await page.keyboard.press('ArrowUp');
  await focusOn(page, 30);
  await page.keyboard.press('PageDown');
  await until(page, () => Number(document.activeElement.closest('li').ariaPosInSet) > 36);
  const at = await focused(page);
  await scrollTo(page, 90);
  await scrollTo(page, 0);
  await scrollTo(page, 90);
  assert.equal(await focused(page), at);
  await page.keyboard.press('ArrowDown');
  await focusOn(page, at + 1);
  await until(page, () => {
    const [row, box] = [document.activeElement, document.querySelector('.rows')].map((element) => element.getBoundingClientRect());
    return row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
  });
  await closeConsole(page);
});

test('What one looks at stays where it is when calls come and go above it, and so does the focus', async () => {
  const page = await open();
  await startAt(page);
  await page.keyboard.press('End');
  await focusOn(page, kCalls);
  await scrollTo(page, 2000);
  const before = await firstInView(page);
  const newest = Array.from({ length: 5 }, (_, i) => made(90_000 + i));
  page.given.list = [...newest, ...page.given.list.slice(0, 700), ...page.given.list.slice(702)];
  await reload(page);
  await until(page, async (first) => (await import('/store.js')).state.calls[0].call_id === first, newest[0].call_id);
  const now = await firstInView(page);
  assert.equal(now.id, before.id);
  assert.ok(Math.abs(now.top - before.top) < 1, `${before.top} became ${now.top}`);
  assert.equal(await focused(page), kCalls + 3, 'the oldest call still has the focus');
  await scrollTo(page, 0);
  page.given.list = [made(99_999), ...page.given.list];
  await page.evaluate(() => document.activeElement.blur());
  await reload(page);
  assert.equal((await firstInView(page)).id, made(99_999).call_id, 'who stands at the top sees the newest');
  await startAt(page);
  await page.keyboard.press('Home');
  await focusOn(page, 1);
  page.given.list = page.given.list.slice(1);
  await reload(page);
  await focusOn(page, 1);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.callId), newest[0].call_id, 'a row that goes leaves the focus to the next');
  await closeConsole(page);
});

test('The open call is found again, however far down', async () => {
  const page = await open();
  await page.fill('.list input', 'queue-1');
  await sees(page, 'queue-1');
  await page.focus('#to-open');
  await page.keyboard.press('Enter');
  await expectText(page, '#line', /leave the open call out/);
  await focusOn(page, 1);
  await page.fill('.list input', '');
  await page.waitForSelector('#to-open');
  await page.click('#to-open');
  await page.waitForSelector('#to-open', { state: 'detached' });
  assert.equal(await page.getAttribute('.list li:has(.row[aria-current])', 'aria-posinset'), String(kOpenAt + 1));
  await scrollTo(page, 100);
  await page.focus('#to-open');
  await page.keyboard.press('Enter');
  await focusOn(page, kOpenAt + 1);
  await closeConsole(page);
});

test('Playing on passes over heard calls, however many pages they are', async () => {
  const list = [real, ...Array.from({ length: 1200 }, (_, i) => ({ ...made(i), heard: i < 1100 ? 1 : 0 }))];
  const page = await open({ list });
  await page.click('#play-on');
  await seek(page, real.duration_ms - 300);
  await page.evaluate(async () => (await import('/player.js')).play());
  await until(page, async (id) => (await import('/store.js')).state.between?.next.call_id === id, made(1100).call_id);
  await closeConsole(page);
});

test('A search that is answered late is not waited for', async () => {
  const page = await open();
  let answer;
  const late = new Promise((resolve) => { answer = resolve; });
  page.given.hold = (q) => (q === 'queue-1' ? late : null);
  await scrollTo(page, 80);
  await page.fill('.list input', 'queue-1');
  await page.waitForRequest(/q=queue-1/);
  await page.fill('.list input', 'queue-2');
  await until(page, () => document.querySelector('.rows').scrollTop === 0);
  await sees(page, 'queue-2');
  answer();
  await eventually(() => page.given.answered === 'queue-1');
  await page.evaluate(() => fetch('/api/v1/session')); // the page has that answer, too
  await sees(page, 'queue-2');
  await page.fill('.list input', 'queue-3');
  await sees(page, 'queue-3');
  await closeConsole(page);
});

test('In Hebrew and on a phone the list goes to its end, and nothing sticks out', async () => {
  for (const options of [{ lang: 'he' }, { lang: 'he', size: kPhone, dark: true }]) {
    const page = await open(options);
    await startAt(page);
    await page.keyboard.press('End');
    await focusOn(page, kCalls);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.ok(await page.evaluate(() => {
      const [row, list] = [document.activeElement, document.querySelector('.rows')].map((element) => element.getBoundingClientRect());
      return row.left >= list.left && row.right <= list.right && row.bottom <= innerHeight + 1 && list.height < innerHeight;
    }), 'the focused row is in view');
    await expectAccessible(page, `a long list, ${JSON.stringify(options)}`);
    await closeConsole(page);
  }
});
