// What was measured in a call, and its silences left out: the same call once imported and once captured
// while it went on. Who talks when is known from the recording that was made for it, not from the measures.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectText, openCall, openConsole, seek, until } from './page.mjs';
import { kTalk, kTalkMs, makeTalk } from './recordings.mjs';
import { startStation } from './station.mjs';

const kSpeed = 4;       // of the capture: its clock runs faster than the world's
const kMarginMs = 300;  // what is kept on both sides of talk
const kFrameMs = 20;    // measures are right to a frame

let browser;
let station;
let home;
let imported;
let captured;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-talk-'));
  const talk = makeTalk(home);
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: home, captures: { line: `file:${talk}?speed=${kSpeed}` } })]);
  [imported] = await station.calls();
  const { call_id: id } = await station.capture('line', 'start');
  while ((await station.get(`calls/${id}`)).live) await new Promise((resolve) => setTimeout(resolve, 100));
  captured = await station.get(`calls/${id}`);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const both = [['imported', () => imported], ['captured', () => captured]];
const open = async (call, options) => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', ...options });
  await openCall(page, call);
  return page;
};

for (const [what, call] of both) {
  test(`A call that was ${what} tells who talked how much, and where nobody did`, async () => {
    const { measures, duration_ms: length } = await station.get(`calls/${call().call_id}`);
    assert.ok(Math.abs(length - kTalkMs) < 3 * kFrameMs, `${length} ms`);
    assert.equal(measures.silences.length, 2);
    assert.equal(measures.talk_over.length, 1);
    const page = await open(call(), { lang: what === 'captured' ? 'he' : 'en-GB' });
    await page.click('.measures summary');
    const cells = await page.$$eval('.measures tbody tr', (rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent.replace(/[^\d:%]/g, ''))));
    const talked = [0, 1].map((leg) => kTalk.filter(([of]) => of === leg).reduce((sum, [, from, to]) => sum + to - from, 0));
    const shares = cells[0].map((text) => parseInt(text, 10));
    shares.forEach((share, leg) => assert.ok(Math.abs(share - (100 * talked[leg]) / (talked[0] + talked[1])) <= 3, `${cells[0]}`));
    assert.match(await page.textContent('.measures'), what === 'captured' ? /שתי שתיקות.*0:10.*דיבור חופף פעם אחת.*0:00\.5/s : /2.* silences.*Talked over each other once/s);
    assert.equal(await page.locator('.mark-silence').count(), 2);
    await expectAccessible(page, 'measures');
    await closeConsole(page);
  });

  test(`Skipping silence in a call that was ${what} leaves out no talk and 300 ms around it`, async (t) => {
    const page = await open(call());
    await page.evaluate(async () => {
      const player = await import('/player.js');
      globalThis.leaps = [];
      const seekTo = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
      Object.defineProperty(player.element, 'currentTime', {
        get: () => seekTo.get.call(player.element),
        set: (to) => {
          globalThis.leaps.push([seekTo.get.call(player.element) * 1000, to * 1000]);
          seekTo.set.call(player.element, to);
        },
      });
    });
    await page.keyboard.press('KeyU');
    await seek(page, 3500);
    await page.keyboard.press('Space');
    await until(page, async () => (await import('/player.js')).positionMs() > 17_100);
    await page.keyboard.press('Space');
    const leaps = (await page.evaluate(() => globalThis.leaps)).slice(1); // the first was ours
    assert.equal(leaps.length, 2, JSON.stringify(leaps));
    for (const [from, to] of leaps) {
      for (const [, start, end] of kTalk) {
        const near = from < end * 1000 + kMarginMs - kFrameMs && to > start * 1000 - kMarginMs + kFrameMs;
        assert.ok(!near, `from ${from} to ${to} is near the talk from ${start} to ${end} s`);
      }
    }
    const skipped = leaps.reduce((sum, [from, to]) => sum + to - from, 0);
    t.diagnostic(`skipped ${leaps.map(([from, to]) => `${from.toFixed(0)} to ${to.toFixed(0)}`).join(', ')}: ${skipped.toFixed(0)} of 10000 ms of silence`);
    assert.ok(skipped > 5000, `${skipped} ms`);
    const told = await page.evaluate(async () => (await import('/player.js')).skipped());
    assert.ok(Math.abs(told - skipped) < 100, `${told} ms`);
    await expectText(page, '#skipped', new RegExp(`0:0${Math.floor(told / 1000)}.* skipped`));
    await closeConsole(page);
  });
}
