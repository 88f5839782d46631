// A key pressed on a click of an hour's call marks that click: at the beginning, in the middle and at the end,
// and at another speed. What leaves for the loudspeaker is watched; the loudspeaker itself is the browser's word.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, openCall, openConsole, seek, until } from './page.mjs';
import { makeClicks } from './recordings.mjs';
import { startStation } from './station.mjs';

const kSeconds = 3600;
const kPlaces = [2, 1800, 3597];
const kMostMs = 20;
const kMostStretchedMs = 40; // at another speed the browser moves whole waves about

let browser;
let station;
let home;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-clicks-'));
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: makeClicks(home, kSeconds, kPlaces) })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

// Watches the page's outlet for a click and then presses a key; globalThis.clicked tells how long after the
// click was at the loudspeaker that was, in ms.
const press = (page) => page.evaluate(async () => {
  const { outlet } = await import('/recorded_player.js');
  const { context } = outlet();
  const analyser = new AnalyserNode(context, { fftSize: 32_768 });
  outlet().connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  globalThis.clicked = null;
  const look = () => {
    const end = context.currentTime;
    analyser.getFloatTimeDomainData(samples);
    const at = samples.findIndex((value) => Math.abs(value) > 0.1);
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    const heard = contextTime + (performance.now() - performanceTime) / 1000 - (end - (samples.length - at) / context.sampleRate);
    if (at < 0 || heard < 0) return setTimeout(look, 5);
    const pressed = performance.now();
    dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyZ' }));
    globalThis.took = performance.now() - pressed; // of which a busy machine may have slept the most
    globalThis.clicked = 1000 * heard;
    outlet().disconnect(analyser);
  };
  look();
});

test(`A tag on a click lands within ${kMostMs} ms of it, an hour in too`, async (t) => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  const [call] = await station.calls();
  await openCall(page, call);
  for (const [place, speed] of [...kPlaces.map((at) => [at, 1]), [kPlaces[1], 1.5]]) {
    await page.selectOption('#speed', String(speed));
    await seek(page, place * 1000 - 1200);
    await page.keyboard.press('Space');
    await until(page, async () => (await import('/recorded_player.js')).outlet() !== null);
    await press(page);
    await until(page, () => globalThis.clicked !== null);
    await page.keyboard.press('Space');
    await until(page, async () => (await import('/store.js')).state.tags.every(({ state }) => state !== 'saving'));
    const [late, took] = await page.evaluate(() => [globalThis.clicked, globalThis.took]);
    const tag = (await station.tags(call.call_id)).reduce((newest, one) => (one.event_id > newest.event_id ? one : newest));
    const off = tag.position_ms - late * speed - place * 1000;
    t.diagnostic(`at ${place} s, ${speed}x: ${off.toFixed(1)} ms off, pressed ${late.toFixed(0)} ms late`);
    const most = speed === 1 ? kMostMs : kMostStretchedMs;
    assert.ok(off >= -most && off <= most + took * speed, `${off} ms off at ${place} s`);
  }
  await closeConsole(page);
});
