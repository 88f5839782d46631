// Keys as a keyboard sends them: held, bouncing, repeated, under an input method; and what is chosen about them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectTags, expectText, keysAt, layoutKey, notBounced, openCall, openConsole, seek, tagsOf, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let calls;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation()]);
  calls = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

// A page with a call that no other test uses.
async function fresh(options = {}) {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', ...options });
  const call = calls.shift();
  await openCall(page, call);
  return { page, call };
}

const tap = (at, code) => [[at, 'keyDown', code], [at + 60, 'keyUp', code]];

test('A key that bounces, or repeats because it is held, tags once', async () => {
  const { page, call } = await fresh();
  await keysAt(page, [...tap(0, 'KeyQ'), ...tap(100, 'KeyQ'), ...tap(300, 'KeyQ')]);
  await expectTags(page, ['wrong-charge delivered']);
  const again = [1100, 1140, 1180].map((ms) => [ms, 'keyDown', 'KeyQ', { autoRepeat: true }]);
  await keysAt(page, [[1000, 'keyDown', 'KeyQ'], ...again, [1200, 'keyUp', 'KeyQ']]);
  await expectTags(page, ['wrong-charge delivered', 'wrong-charge delivered']);
  assert.equal((await station.tags(call.call_id)).length, 2);
  await closeConsole(page);
});

test('A range key let go at once goes on, and one held ends where it is let go', async () => {
  const { page } = await fresh();
  await keysAt(page, tap(0, 'KeyF'));
  await page.waitForSelector('.open-range');
  await page.keyboard.press('Escape');
  await expectText(page, '#line', /was not tagged/);
  await keysAt(page, [[1000, 'keyDown', 'KeyF'], [1351, 'keyUp', 'KeyF']]);
  await expectTags(page, ['long-wait delivered']);
  await closeConsole(page);
});

test('A range key that bounces stays open', async () => {
  const { page } = await fresh();
  await keysAt(page, [...tap(0, 'KeyF'), ...tap(90, 'KeyF')]);
  await page.waitForSelector('.open-range');
  await expectTags(page, []);
  await closeConsole(page);
});

test('A range open for ten minutes asks whether it goes on', async () => {
  const { page, call } = await fresh();
  await page.clock.install();
  await page.keyboard.press('KeyF');
  await expectText(page, '#line', /Press again when it ends/);
  await page.clock.fastForward('10:00');
  await expectText(page, '#line', /Still going on\?/);
  await page.click('#line button:has-text("Still going on")');
  await expectText(page, '#line', /Press again when it ends/);
  await page.clock.fastForward('10:00');
  await page.click('#line button:has-text("End")');
  await until(page, async () => (await import('/store.js')).state.tags.length === 1);
  await page.clock.resume();
  await expectTags(page, ['long-wait delivered']);
  assert.ok(!(await station.tags(call.call_id))[0].closed_by_leaving);
  await closeConsole(page);
});

test('Keys tag while an input method composes', async () => {
  const { page } = await fresh({ lang: 'ko' });
  await seek(page, 1000);
  const session = await page.context().newCDPSession(page);
  // As Chromium tells a key that an input method has taken.
  const taken = { code: 'KeyE', key: 'Process', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...taken });
  await session.send('Input.imeSetComposition', { text: 'ㄷ', selectionStart: 1, selectionEnd: 1 });
  await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...taken });
  await expectTags(page, ['broken-promise delivered']);
  await seek(page, 2000);
  await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Process', code: 'KeyQ', isComposing: true, keyCode: 229, bubbles: true })));
  await expectTags(page, ['broken-promise delivered', 'wrong-charge delivered']);
  await closeConsole(page);
});

test('While text is written the keys say that they sleep, and wake with Enter and Escape', async () => {
  const { page } = await fresh();
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  for (const leave of ['Enter', 'Escape']) {
    await page.keyboard.press('KeyN');
    await expectText(page, '#asleep', /Keys sleep while you write/);
    await page.keyboard.type('qq');
    assert.equal((await tagsOf(page)).length, 1);
    await page.keyboard.press(leave);
    await page.waitForSelector('#asleep', { state: 'detached' });
  }
  await page.keyboard.press('KeyA');
  await expectTags(page, ['wrong-charge delivered', 'went-beyond delivered']);
  await closeConsole(page);
});
