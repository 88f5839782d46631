// A call while it goes on, in real browsers on the real programs: heard about a tenth of a second after it
// was said, tagged where it is heard, paused for card data, and untouched by a listener who stands still.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, afterEach, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, kPhone, openConsole, openLive, seek, until } from './page.mjs';
import { makeBeeps } from './recordings.mjs';
import { startSlowLine } from './slow_line.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let folder;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'earful-beeps-'));
  const beeps = makeBeeps(folder, 600);
  [browser, station] = await Promise.all([startBrowser(), startStation({
    recordings: 1,
    captures: {
      beeps: `file:${beeps}`, tone: 'tone:440?channels=2', other: 'tone:600?channels=2',
      ours: 'tone:440?channels=2&gaps=1000-2500:overflow', device: 'tone:440?channels=2&gaps=1000-2500:device_lost',
    },
  })]);
});

// What a failed test left going would make the next one fail.
afterEach(async () => {
  for (const { name, state: what } of (await station.get('captures')).captures) if (what !== 'idle') await station.capture(name, 'stop');
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// A call that begins now, with a page that hears it.
async function hear(capture, options = {}) {
  const { call_id: id } = await station.capture(capture, 'start');
  assert.ok(id, `${capture} did not start`);
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', ...options });
  await openLive(page, id);
  return { page, id };
}

const state = (page) => page.evaluate(async () => {
  const player = await import('/player.js');
  return { at: player.positionMs(), edge: player.durationMs(), playing: player.isPlaying(), following: player.isFollowing(), live: player.isLive() };
});

// Waits until the station has so much of what a capture records.
const untilSaid = (page, capture, ms) => until(page, async (wanted) => {
  const { captures } = await (await fetch('/api/v1/captures')).json();
  return captures.find(({ name }) => name === wanted.capture).position_ms > wanted.ms;
}, { capture, ms });

// Listens to what leaves for the loudspeaker. onset(): {time, ms}, when by the audio clock the last beep
// began and which place in the call the player says that was.
const tap = (page) => page.evaluate(async () => {
  const live = await import('/live_player.js');
  const outlet = live.outlet();
  const { context } = outlet;
  globalThis.context = context;
  const analyser = context.createAnalyser();
  analyser.fftSize = 32_768;
  const splitter = context.createChannelSplitter(2);
  outlet.connect(splitter);
  splitter.connect(analyser, 0);
  const samples = new Float32Array(analyser.fftSize);
  globalThis.onset = () => {
    const end = context.currentTime;
    analyser.getFloatTimeDomainData(samples);
    const kBeep = 4512; // 94 ms of its 100, which are 97 when it plays a little faster: it was heard from its beginning
    let quiet = 0;
    let begun = -1;
    let last = null;
    for (let i = 0; i < samples.length; i++) {
      const loud = Math.abs(samples[i]) > 0.2;
      if (loud && quiet > 4800) begun = i;
      if (quiet > 480) begun = loud ? begun : -1; // it broke off: the page had nothing to play
      if (begun >= 0 && i - begun === kBeep) last = end - (samples.length - begun) / context.sampleRate;
      quiet = loud ? 0 : quiet + 1;
    }
    return last === null ? null : { time: last, ms: live.positionAt(last) };
  };
});

async function onset(page) {
  await until(page, () => { globalThis.lastOnset = globalThis.onset(); return globalThis.lastOnset !== null; });
  return page.evaluate(() => globalThis.lastOnset);
}

// Where the time goes from the newest packet that the station has to what is heard, in ms.
const delay = (page) => page.evaluate(async () => {
  const live = await import('/live_player.js');
  if (!globalThis.report) live.outlet().port.addEventListener('message', ({ data }) => { globalThis.report = data; });
  await new Promise((resolve) => live.outlet().port.addEventListener('message', resolve, { once: true }));
  const { captures } = await (await fetch('/api/v1/captures')).json();
  const edge = captures.find(({ name }) => name === 'beeps').position_ms;
  const heard = live.positionMs();
  const [left, waiting] = [globalThis.report.position / 48, globalThis.report.waiting / 48];
  return {
    'recorder to loudspeaker': edge - heard, 'to the decoded packet': edge - left - waiting,
    'waiting in the page': waiting, 'to the loudspeaker': left - heard,
  };
});

async function expectOnBeep(page) {
  const { ms } = await onset(page);
  assert.ok(Math.abs(ms - 1000 * Math.round(ms / 1000)) < 20, `a beep was heard at ${ms} ms`);
}

test('Two listeners hear a call that goes on, and both know where they are', async (t) => {
  const { page, id } = await hear('beeps');
  const other = await openConsole(browser, station.address, { as: 'Noa Cohen', lang: 'he' });
  await openLive(other, id);
  for (const one of [page, other]) {
    await tap(one);
    await expectOnBeep(one);
  }
  await expectText(page, '.row:first-child .live', /Live/);
  const delays = [];
  for (let i = 0; i < 60; i++) {
    await page.waitForTimeout(100);
    delays.push(await delay(page));
  }
  for (const part of ['recorder to loudspeaker', 'to the decoded packet', 'waiting in the page', 'to the loudspeaker']) {
    const sorted = delays.map((one) => one[part]).sort((a, b) => a - b);
    t.diagnostic(`${part}: ${sorted[30].toFixed(0)} ms in the middle, ${sorted[57].toFixed(0)} ms at 95 %`);
  }
  await closeConsole(other);
  await closeConsole(page);
});

test('A listener who stands still harms neither the other one nor the recording', async () => {
  const { page, id } = await hear('beeps');
  const stuck = await openConsole(browser, station.address, { as: 'Noa Cohen' });
  await openLive(stuck, id);
  const deaf = await deafReader(id);
  await tap(page);
  for (const one of [page, stuck]) {
    await one.evaluate(async () => {
      globalThis.missedMs = 0;
      (await import('/player.js')).onLive((event, data) => { if (event === 'skipped') globalThis.missedMs += data.to_ms - data.from_ms; });
    });
  }
  const decoder = stuck.workers().find((worker) => worker.url().endsWith('/live_decoder.js'));
  const blocked = decoder.evaluate(() => { for (const end = Date.now() + 4000; Date.now() < end;); });
  for (let i = 0; i < 4; i++) {
    await page.waitForTimeout(900);
    await expectOnBeep(page);
  }
  await blocked;
  await expectText(stuck, '#line', /You missed .* It is in the recording/);
  await until(stuck, async () => (await import('/player.js')).isFollowing());
  const [near, far] = [await missed(page), await missed(stuck)];
  assert.ok(far > 3000 && near < far / 4, `the other one missed ${near} ms of ${far}`); // a busy machine costs it a little
  deaf.destroy();
  await closeConsole(stuck);
  await closeConsole(page);
  const { duration_ms: length } = await station.capture('beeps', 'stop');
  const kept = await station.get(`calls/${id}`);
  assert.deepEqual(kept.notes, []);
  const { peaks: [beeping] } = await station.get(`calls/${id}/peaks`);
  for (let ms = 0; ms + 200 < length; ms += 1000) {
    const loud = (at) => Math.max(...beeping.slice(at / 10, at / 10 + 6).map(Math.abs)) > 0.2;
    assert.ok(loud(ms) && !loud(ms + 500 > length - 60 ? ms + 150 : ms + 500), `at ${ms} ms`);
  }
});

test('A line that stands still is made up for at the live edge, and the page says what was missed', async (t) => {
  const line = await startSlowLine();
  t.after(line.stop);
  const context = await browser.newContext({ locale: 'en-GB', proxy: line.proxy });
  const { page } = await hear('beeps', { context });
  await until(page, async () => (await import('/player.js')).positionMs() > 1000);
  line.hold();
  const { edge } = await state(page);
  await untilSaid(page, 'beeps', edge + 1500);
  line.release();
  await expectText(page, '#line', /You missed .* It is in the recording/);
  await until(page, async () => (await import('/player.js')).isFollowing());
  await tap(page);
  await expectOnBeep(page);
  await closeConsole(page);
});

const missed = (page) => page.evaluate(() => globalThis.missedMs);

// A reader of the stream that takes nothing; destroy() ends it.
async function deafReader(id) {
  const headers = { Authorization: `Bearer ${station.address.split('token=')[1]}` };
  const answer = await new Promise((resolve, reject) => {
    http.get(`${station.origin}/api/v1/calls/${id}/live`, { headers }, resolve).on('error', reject);
  });
  assert.equal(answer.statusCode, 200);
  return answer.on('error', () => {}).pause();
}

test('The waveform of a live call has no hole where the listener came in', async (t) => {
  const { call_id: id } = await station.capture('tone', 'start');
  const line = await startSlowLine();
  t.after(line.stop);
  line.hold();
  const context = await browser.newContext({ locale: 'en-GB', proxy: line.proxy });
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  await page.evaluate((call) => { location.hash = `#call=${call}`; }, id);
  await until(page, async (call) => (await import('/store.js')).state.call?.call_id === call, id);
  const { duration_ms: opened } = await station.get(`calls/${id}`);
  await untilSaid(page, 'tone', opened + 1000);
  line.release();
  await until(page, async (ms) => (await import('/store.js')).state.peaks?.peaks[0].length > ms / 10, opened + 2000);
  await until(page, async () => {
    const [leg] = (await import('/store.js')).state.peaks.peaks;
    return Array.from(leg).every((value) => value !== undefined);
  });
  await closeConsole(page);
});

test('A tag on a live call stands where it was heard', async (t) => {
  const { page, id } = await hear('beeps');
  await tap(page);
  await page.evaluate(() => addEventListener('keydown', () => {
    globalThis.heard = globalThis.context.currentTime - globalThis.context.outputLatency;
  }, { capture: true, once: true }));
  const beep = await onset(page);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  const [tag] = await station.tags(id);
  const heard = await page.evaluate(() => globalThis.heard);
  const expected = 1000 * Math.round(beep.ms / 1000) + (heard - beep.time) * 1000;
  t.diagnostic(`tagged at ${tag.position_ms.toFixed(1)} ms, heard at ${expected.toFixed(1)} ms`);
  assert.ok(Math.abs(tag.position_ms - expected) < 50, `tagged at ${tag.position_ms}, heard at ${expected}`);
  await closeConsole(page);
});

test('A live call is paused, wound back and followed again by keys', async () => {
  const { page } = await hear('beeps');
  await tap(page);
  await until(page, async () => (await import('/player.js')).positionMs() > 4000);
  await page.keyboard.press('Space');
  const { at } = await state(page);
  await until(page, async (stood) => (await import('/player.js')).durationMs() > stood + 1500, at);
  assert.ok(Math.abs((await state(page)).at - at) < 60, 'it stands');
  await page.keyboard.press('Space');
  await until(page, async (stood) => (await import('/player.js')).positionMs() > stood + 300, at);
  await expectText(page, '#behind', /0:0\d\S* behind/);
  await seek(page, 900);
  await until(page, async () => (await import('/player.js')).positionMs() > 2400);
  await expectOnBeep(page); // the past sounds as it was
  assert.ok(!(await state(page)).following);
  await page.keyboard.press('KeyO');
  await until(page, async () => (await import('/player.js')).isFollowing());
  await until(page, async () => { const p = await import('/player.js'); return p.durationMs() - p.positionMs() < 1000; });
  await page.keyboard.press('ArrowLeft');
  await until(page, async () => !(await import('/player.js')).isFollowing());
  await page.keyboard.press('End');
  await until(page, async () => (await import('/player.js')).isFollowing());
  await closeConsole(page);
});

test('One key pauses the recording for card data and fills the page until it goes on', async () => {
  const { page, id } = await hear('tone');
  await until(page, async () => (await import('/player.js')).positionMs() > 1000);
  await page.keyboard.press('KeyP');
  await expectText(page, '.pause-banner', /RECORDING PAUSED.*nothing said now is kept.*Goes on by itself in \S+\d:\d\d/);
  await expectAccessible(page, 'paused');
  await page.waitForTimeout(1000);
  await page.keyboard.press('KeyP');
  await page.waitForSelector('.pause-banner', { state: 'detached' });
  await expectText(page, '.capture[data-name=tone] .what', /Recording/);
  await until(page, async () => (await import('/store.js')).state.call.notes.some(({ kind }) => kind === 'pause'));
  await expectText(page, '.notes', /Paused on purpose/);
  await page.click('.capture[data-name=tone] button:has-text("End")');
  await until(page, async () => !(await import('/player.js')).isLive()); // the kept call took its place
  const { notes } = await station.get(`calls/${id}`);
  const pause = notes.find(({ kind }) => kind === 'pause');
  assert.ok(pause.end_ms - pause.start_ms > 900, JSON.stringify(notes));
  const { peaks: [tone] } = await station.get(`calls/${id}/peaks`);
  const loudest = (from, to) => Math.max(...tone.slice(Math.ceil(from / 20) * 2, Math.floor(to / 20) * 2).map(Math.abs));
  assert.ok(loudest(pause.start_ms + 20, pause.end_ms - 20) <= 0.02, 'silence');
  assert.ok(loudest(0, pause.start_ms - 100) > 0.1, 'and a tone before it');
  await closeConsole(page);
});

test('A pause that the station refuses says that the recording goes on', async () => {
  const { page } = await hear('tone');
  await page.route('**/api/v1/captures/tone/pause', (route) => route.abort());
  await page.keyboard.press('KeyP');
  await expectText(page, '.pause-banner', /NOT PAUSED\. What is said is still recorded/);
  await closeConsole(page);
});

test('A loss of our own is called that, and a device that was away is not', async () => {
  for (const [capture, own] of [['ours', true], ['device', false]]) {
    const { page } = await hear(capture);
    await page.waitForSelector('.notes li.loss');
    assert.equal(/Our own loss, not a bad line/.test(await page.textContent('.notes')), own, capture);
    assert.equal(/Our own loss/.test(await page.getAttribute('.mark-note', 'title')), own, capture);
    await closeConsole(page);
    await station.capture(capture, 'stop');
  }
});

test('Tabs of one browser share the stream of a call, and a third call at once says what to do', async () => {
  const { page, id } = await hear('tone');
  const context = page.context();
  const tab = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  await openLive(tab, id);
  const { call_id: second } = await station.capture('other', 'start');
  const third = await station.capture('beeps', 'start');
  await openLive(tab, second);
  const more = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  await more.evaluate((call) => { location.hash = `#call=${call}`; }, third.call_id);
  await expectText(more, 'main .problem', /Two live calls are being heard/);
  await tab.close();
  await more.click('#edge');
  const heard = () => more.evaluate(async () => (await import('/player.js')).positionMs());
  const stood = await heard();
  await until(more, async (from) => (await import('/player.js')).isFollowing() && (await import('/player.js')).positionMs() > from + 500, stood);
  assert.equal(await more.locator('main .problem').count(), 0);
  assert.deepEqual([page, more].flatMap(({ faults }) => faults), []);
  await context.close();
});

test('A browser that cannot decode says so in one sentence, and the rest of the page works', async () => {
  const { call_id: id } = await station.capture('tone', 'start');
  const context = await browser.newContext({ locale: 'en-GB' });
  await context.addInitScript(() => { delete globalThis.AudioDecoder; });
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  await page.evaluate((call) => { location.hash = `#call=${call}`; }, id);
  await expectText(page, 'main .problem', /^This browser cannot play a call that is still going on/);
  await page.keyboard.press('KeyB');
  await expectTags(page, ['idea delivered']);
  await closeConsole(page);
});

test('What keeps a call from being heard is said in the language of the page, and Play tries again', async () => {
  const { call_id: id } = await station.capture('tone', 'start');
  const context = await browser.newContext({ locale: 'he' });
  await context.addInitScript(() => { // as the browser does when the station does not answer, once
    const { addModule } = AudioWorklet.prototype;
    AudioWorklet.prototype.addModule = function away() {
      AudioWorklet.prototype.addModule = addModule;
      return Promise.reject(new DOMException('Unable to load a worklet\'s module.', 'AbortError'));
    };
  });
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  await page.evaluate((call) => { location.hash = `#call=${call}`; }, id);
  await expectText(page, 'main .problem', /^אין תשובה מ־earful\s*$/);
  await page.click('#play');
  await until(page, async () => (await import('/player.js')).isFollowing());
  assert.equal(await page.locator('main .problem').count(), 0);
  await closeConsole(page);
});

for (const [what, options] of [['light', {}], ['dark', { dark: true }], ['Hebrew', { lang: 'he' }], ['a phone', { size: kPhone }]]) {
  test(`A live call breaks no rule of accessibility: ${what}`, async () => {
    const { page } = await hear('ours', options);
    await page.waitForSelector('.notes li.loss');
    await expectAccessible(page, 'following');
    await seek(page, 500);
    await page.waitForSelector('#behind');
    await page.keyboard.press('KeyP');
    await page.waitForSelector('.pause-banner');
    await expectAccessible(page, 'behind and paused');
    const small = await page.$$eval('button, select, input, summary', (items) => items.map((item) => [item.id || item.textContent, item.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && height > 0 && (width < 24 || height < 24)).map(([name]) => name));
    assert.deepEqual(small, []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
    await closeConsole(page);
  });
}
