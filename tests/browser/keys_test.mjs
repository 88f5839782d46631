// Keys as a keyboard sends them: held, bouncing, repeated, under an input method; and what is chosen about them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { useDesk } from './desk.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, keysAt, notBounced, openCall, seek, tagsOf, until } from './page.mjs';

const desk = useDesk({ captures: { 'line-1': 'tone:440?channels=2', 'line-2': 'tone:500?channels=2' } });
const { fresh } = desk;

const tap = (at, code) => [[at, 'keyDown', code], [at + 60, 'keyUp', code]];

test('A key that bounces, or repeats because it is held, tags once', async () => {
  const { page, call } = await fresh();
  await keysAt(page, [...tap(0, 'KeyQ'), ...tap(100, 'KeyQ'), ...tap(300, 'KeyQ')]);
  await expectTags(page, ['wrong-charge delivered']);
  const again = [1100, 1140, 1180].map((ms) => [ms, 'keyDown', 'KeyQ', { autoRepeat: true }]);
  await keysAt(page, [[1000, 'keyDown', 'KeyQ'], ...again, [1200, 'keyUp', 'KeyQ']]);
  await expectTags(page, ['wrong-charge delivered', 'wrong-charge delivered']);
  assert.equal((await desk.station.tags(call.call_id)).length, 2);
  await keysAt(page, [[0, 'keyDown', 'Backspace'], ...[500, 540, 580].map((ms) => [ms, 'keyDown', 'Backspace', { autoRepeat: true }])]);
  await expectTags(page, ['wrong-charge delivered']);
  await expectText(page, '#line', /Undone/);
  assert.equal((await desk.station.tags(call.call_id)).length, 1);
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
  assert.ok(!(await desk.station.tags(call.call_id))[0].closed_by_leaving);
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
    await expectAccessible(page, 'asleep');
    await page.keyboard.type('qq');
    assert.equal((await tagsOf(page)).length, 1);
    await page.keyboard.press(leave);
    await page.waitForSelector('#asleep', { state: 'detached' });
  }
  await page.keyboard.press('KeyA');
  await expectTags(page, ['wrong-charge delivered', 'went-beyond delivered']);
  await closeConsole(page);
});

const help = async (page) => {
  await page.keyboard.press('Slash');
  await page.waitForSelector('#help-title');
};
const keyFor = (page, what) => page.locator(`.cap[aria-label*="${what}"]`);

test('A key is changed in the overlay, refused where it is taken, and stays changed for this listener', async () => {
  const { page, call } = await fresh();
  await help(page);
  await keyFor(page, 'An idea').click();
  await page.keyboard.press('KeyQ');
  await expectText(page, '.help [role=alert]', /Q.* is .*Charged wrongly/);
  await expectAccessible(page, 'a key that is taken');
  await page.keyboard.press('Enter');
  await expectText(page, '.help [role=alert]', /stays what it is/);
  await page.keyboard.press('BracketLeft');
  await page.waitForSelector('.help [role=alert]', { state: 'detached' });
  await keyFor(page, 'A word about your last tag').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('KeyB');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await expectText(page, '#key-idea kbd', /^\[$/);
  await page.reload();
  await openCall(page, call);
  await page.keyboard.press('BracketLeft');
  await expectTags(page, ['idea delivered']);
  await page.keyboard.press('KeyB');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
  await page.keyboard.press('Escape');
  await help(page);
  await page.click('#keys-reset');
  await page.keyboard.press('Escape');
  await notBounced(page);
  await page.keyboard.press('KeyB');
  await expectTags(page, ['idea delivered', 'idea delivered']);
  await closeConsole(page);
});

test('Single keys can be switched off by Tab and by the overlay; Undo still works', async () => {
  const { page } = await fresh();
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.focus('#keys-switch');
  await page.keyboard.press('Enter');
  await expectText(page, '#asleep', /switched off/);
  await page.keyboard.press('KeyA');
  await page.keyboard.press('Control+KeyZ');
  await expectTags(page, []);
  await page.click('header button[aria-label="Keys and help"]');
  await page.check('#single');
  await page.keyboard.press('Escape');
  await page.keyboard.press('KeyA');
  await expectTags(page, ['went-beyond delivered']);
  await closeConsole(page);
});

test('A keycap shows the letter of the layout beside the Latin one', async () => {
  const { page } = await fresh();
  await page.evaluate(async () => {
    navigator.keyboard.getLayoutMap = async () => new Map([['KeyQ', '/'], ['KeyE', 'ק'], ['KeyA', 'a']]);
    dispatchEvent(new Event('focus'));
  });
  await expectText(page, '#key-broken-promise kbd', /^E ק$/);
  await expectText(page, '#key-went-beyond kbd', /^A$/);
  await closeConsole(page);
});

test('The panel keeps the places of the keyboard in Hebrew and on a phone', async () => {
  for (const size of [undefined, { width: 390, height: 844 }]) {
    const { page } = await fresh({ lang: 'he', ...(size ? { size } : {}) });
    await page.click('#more-keys');
    const rows = await page.$$eval('.keys .key', (keys) => {
      const found = new Map();
      for (const key of keys) {
        const { top, left } = key.getBoundingClientRect();
        const row = [...found.keys()].find((other) => Math.abs(other - top) < 10) ?? top;
        found.set(row, [...(found.get(row) ?? []), [left, key.querySelector('kbd').textContent[0]]]);
      }
      return [...found.keys()].sort((a, b) => a - b).map((row) => found.get(row).sort((a, b) => a[0] - b[0]).map(([, cap]) => cap).join(''));
    });
    assert.deepEqual(rows, ['QWERT', 'ASDFG', 'ZXCVB', '123']);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await closeConsole(page);
  }
});

test('A tick is heard when a tag is saved, another when it is not, and none by default', async () => {
  const { page } = await fresh();
  await page.evaluate(() => {
    window.tones = [];
    const Tone = OscillatorNode;
    window.OscillatorNode = class extends Tone { constructor(context, options) { super(context, options); tones.push(options.frequency); } };
  });
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  assert.deepEqual(await page.evaluate(() => tones), []);
  await help(page);
  await page.check('#tick');
  await page.keyboard.press('Escape');
  await page.keyboard.press('KeyA');
  await until(page, () => tones.join() === '1200');
  page.meddle = (route) => route.abort();
  await page.keyboard.press('KeyZ');
  await until(page, () => tones.join() === '1200,330,330');
  await closeConsole(page);
});

test('The digits 6 to 0 open the live calls of the list', async () => {
  const { page } = await fresh();
  const started = [];
  for (const name of ['line-1', 'line-2']) started.push((await desk.station.capture(name, 'start')).call_id);
  await until(page, () => document.querySelectorAll('.row .badge.live').length === 2);
  const listed = await page.evaluate(async () => (await import('/store.js')).state.calls.filter((call) => call.live).map((call) => call.call_id));
  assert.deepEqual([...listed].sort(), [...started].sort());
  assert.deepEqual(await page.$$eval('.row kbd', (caps) => caps.map((cap) => cap.textContent)), ['6', '7']);
  for (const [digit, id] of [['Digit7', listed[1]], ['Digit6', listed[0]]]) {
    await page.keyboard.press(digit);
    await until(page, async (wanted) => (await import('/store.js')).state.call?.call_id === wanted, id);
  }
  for (const name of ['line-1', 'line-2']) await desk.station.capture(name, 'stop');
  await closeConsole(page);
});
