// A page of the console as the tests see it: opened through the printed address, watched for anything the
// content security policy stops and for any uncaught error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { axeSource } from './browser.mjs';

export const kDesktop = { width: 1400, height: 900 };
export const kPhone = { width: 390, height: 844 };

export async function openConsole(browser, address, { as = null, lang = 'en-GB', dark = false, size = kDesktop, context = null } = {}) {
  const own = context ?? await browser.newContext({ viewport: size, locale: lang, colorScheme: dark ? 'dark' : 'light' });
  const page = await own.newPage();
  page.faults = [];
  page.asked = [];
  page.on('requestfinished', async (request) => page.asked.push(`${request.method()} ${request.url()} ${(await request.response().catch(() => null))?.status()}`));
  page.on('requestfailed', (request) => page.asked.push(`${request.method()} ${request.url()} ${request.failure()?.errorText}`));
  page.on('pageerror', (error) => page.faults.push(error.stack));
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && page.faults.push(message.text()));
  // A page that is being left may be gone before its question is answered.
  page.on('dialog', (dialog) => (dialog.type() === 'beforeunload' ? dialog.accept().catch(() => {}) : (page.faults.push(`dialog ${dialog.message()}`), dialog.dismiss())));
  // Here from the start: a page whose requests begin to be held while it runs may send one more past us.
  page.meddle = null; // (route) => ..., what a test does to the requests about tags; null lets them pass
  await page.route('**/api/v1/tags**', (route) => (page.meddle ?? passOn)(route));
  await page.goto(address);
  await page.waitForSelector('main.desk, main.book, main.hour-page, main.plain h1');
  if (as) await answerWho(page, as);
  return page;
}

const passOn = (route) => route.continue();

// Says who listens when the page asks: a known name, or a new one.
export async function answerWho(page, name) {
  const asked = await page.waitForSelector('dialog, #who').then((found) => found.evaluate((element) => element.tagName === 'DIALOG'));
  if (!asked) return;
  const known = page.locator('dialog .people button', { hasText: name });
  if (await known.count()) await known.first().click();
  else {
    await page.fill('#new-name', name);
    await page.keyboard.press('Enter');
  }
  await page.waitForSelector('#who');
}

export async function closeConsole(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

// Waits until the function is true in the page. (waitForFunction takes the promise of an async one for
// true.)
export async function until(page, condition, argument) {
  const deadline = Date.now() + kWaitMs;
  while (!(await page.evaluate(condition, argument))) {
    assert.ok(Date.now() < deadline, `never came true: ${condition}`);
    await page.waitForTimeout(50);
  }
}

// The player as the page itself uses it: the very module instance.
export const player = (page) => page.evaluate(async () => {
  const { element, positionMs } = await import('/player.js');
  return { at: positionMs(), paused: element.paused, rate: element.playbackRate, preservesPitch: element.preservesPitch, ready: element.readyState };
});

export const seek = (page, ms) => page.evaluate(async (to) => (await import('/player.js')).seekTo(to), ms);

// A key by its place on the keyboard, with the letter another layout gives it.
export async function layoutKey(page, code, key, holdMs = 0) {
  const session = await page.context().newCDPSession(page);
  const base = { code, key, text: key, unmodifiedText: key };
  await session.send('Input.dispatchKeyEvent', { type: 'keyDown', ...base });
  await page.waitForTimeout(holdMs);
  await session.send('Input.dispatchKeyEvent', { type: 'keyUp', code, key });
  await session.detach();
}

// Keys at times of our own, as a keyboard would report them: [[ms, 'keyDown' | 'keyUp', code, more], …].
export async function keysAt(page, strokes) {
  const session = await page.context().newCDPSession(page);
  const start = await page.evaluate(() => (performance.timeOrigin + performance.now()) / 1000);
  for (const [ms, type, code, more = {}] of strokes) {
    const key = code.replace('Key', '').toLowerCase();
    await session.send('Input.dispatchKeyEvent', { type, code, key, timestamp: start + ms / 1000, ...more });
  }
  await session.detach();
}

// The same key again, pressed by a finger and not by its own contacts.
export const notBounced = (page) => page.waitForTimeout(300);

export const tagsOf = (page) => page.$$eval('#tags > li', (items) => items.map((item) => ({
  id: item.dataset.eventId, kind: item.dataset.kind, state: item.dataset.state, at: item.querySelector('.num').textContent,
  note: item.querySelector('.words')?.textContent ?? '',
})));

const kWaitMs = 15_000; // a busy machine still gets there

async function settle(page, read, good) {
  const deadline = Date.now() + kWaitMs;
  let seen = await read();
  while (!good(seen) && Date.now() < deadline) {
    await page.waitForTimeout(50);
    seen = await read();
  }
  return seen;
}

// Waits until exactly these tags are there: 'kind state', in order of place.
export async function expectTags(page, expected) {
  const read = async () => (await tagsOf(page)).map(({ kind, state }) => `${kind} ${state}`).join(', ');
  const seen = await settle(page, read, (text) => text === expected.join(', '));
  assert.equal(seen, expected.join(', '), `tags are "${seen}", not "${expected}"; what the page asked last:\n${page.asked.slice(-20).join('\n')}`);
}

export async function expectText(page, selector, pattern) {
  const read = () => page.evaluate((wanted) => document.querySelector(wanted)?.textContent ?? '', selector);
  assert.match(await settle(page, read, (text) => pattern.test(text)), pattern);
}

// Opens a call that goes on and waits until it is heard at its live edge.
export async function openLive(page, callId) {
  await page.evaluate((id) => { location.hash = `#call=${id}`; }, callId);
  await until(page, async (id) => {
    const { state } = await import('/store.js');
    const { isFollowing, positionMs } = await import('/player.js');
    return state.call?.call_id === id && isFollowing() && positionMs() > 0;
  }, callId);
}

// Opens a call nobody has tagged yet: each test takes its own.
export async function openCall(page, call) {
  await page.evaluate((id) => { location.hash = `#call=${id}`; }, call.call_id);
  await until(page, async (id) => {
    const { state } = await import('/store.js');
    const { element } = await import('/player.js');
    return state.call?.call_id === id && state.peaks !== undefined && element.readyState >= 1;
  }, call.call_id);
}

const axe = readFileSync(axeSource, 'utf8');

// In the light and in the dark.
export async function expectAccessible(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await expectAccessibleNow(page, `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

async function expectAccessibleNow(page, what) {
  // Colours on their way from one to another are neither.
  await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished));
  });
  const before = [...page.faults];
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('\n')}`);
  assert.deepEqual(found, [], what);
  page.faults = before; // axe itself tries inline styles
}
