// What is heard: which leg in which ear, how loud, the last ten seconds again, and what is left.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectText, openCall, openConsole, player, seek, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let calls;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 4 })]);
  calls = (await station.calls()).filter(({ queue }) => /billing|support/.test(queue));
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const open = (options) => openConsole(browser, station.address, { as: 'Dana Levi', ...options });

// What comes out of the page's own chain for a tone per leg: per ear, how much of the agent's and of the
// customer's tone is in it, and the peak.
const heardOf = (page, { measures = null, legs = 2, levels = [0.1, 0.1], presses = 0 } = {}) => page.evaluate(async (ask) => {
  const ears = await import('/ears.js');
  const tones = [500, 800];
  const context = new OfflineAudioContext(2, 48_000, 48_000);
  const buffer = context.createBuffer(ask.legs, 48_000, 48_000);
  for (let leg = 0; leg < ask.legs; leg++) {
    buffer.getChannelData(leg).forEach((_, i, out) => { out[i] = ask.levels[leg] * Math.sin((2 * Math.PI * tones[leg] * i) / 48_000); });
  }
  ears.load(ask.measures, ask.legs);
  for (let i = 0; i < ask.presses; i++) ears.nextLegs();
  const source = new AudioBufferSourceNode(context, { buffer });
  ears.attach(context, source);
  source.start();
  const out = await context.startRendering();
  return [0, 1].map((ear) => {
    const samples = out.getChannelData(ear).subarray(24_000); // the second half: 250 and 400 whole waves
    const amount = (tone) => {
      let [re, im] = [0, 0];
      samples.forEach((value, i) => {
        re += value * Math.cos((2 * Math.PI * tone * i) / 48_000);
        im += value * Math.sin((2 * Math.PI * tone * i) / 48_000);
      });
      return Math.round((2000 * Math.hypot(re, im)) / samples.length) / 1000;
    };
    return { agent: amount(tones[0]), customer: amount(tones[1]), peak: out.getChannelData(ear).reduce((max, value) => Math.max(max, Math.abs(value)), 0) };
  });
}, { measures, legs, levels, presses });

const near = (value, expected) => assert.ok(Math.abs(value - expected) <= 0.03 * expected + 0.0015, `${value} is not ${expected}`);

test('Both legs are in both ears, slightly apart; one alone is in the middle', async () => {
  const page = await open();
  let [left, right] = await heardOf(page);
  near(left.agent, 0.092);
  near(left.customer, 0.039);
  near(right.agent, 0.039);
  near(right.customer, 0.092);
  for (const [presses, agent, customer] of [[1, 0, 0.0707], [2, 0.0707, 0]]) {
    for (const ear of await heardOf(page, { presses })) {
      near(ear.agent, agent);
      near(ear.customer, customer);
    }
  }
  [left, right] = await heardOf(page, { legs: 1, presses: 1 });
  near(left.agent, 0.1);
  near(right.agent, 0.1);
  await closeConsole(page);
});

test('A quiet leg is made louder and a loud one softer, by 12 dB at most; without measures nothing is', async () => {
  const page = await open();
  const measured = (...lufs) => ({ legs: lufs.map((loudness_lufs) => ({ loudness_lufs })) });
  const legsAt = async (measures) => {
    const [left, right] = await heardOf(page, { measures, levels: [0.02, 0.02] });
    return [left.agent / 0.92, right.customer / 0.92];
  };
  const db = (value) => 0.02 * 10 ** (value / 20);
  for (const [lufs, gains] of [[[-24, -15], [4, -5]], [[-50, -3], [12, -12]], [[null, -20], [0, 0]]]) {
    const seen = await legsAt(measured(...lufs));
    gains.forEach((gain, leg) => near(seen[leg], db(gain)));
  }
  await closeConsole(page);
});

test('Nothing leaves louder than full scale', async () => {
  const page = await open();
  const [left, right] = await heardOf(page, { measures: { legs: [{ loudness_lufs: -40 }, { loudness_lufs: -40 }] }, levels: [0.7, 0.7] });
  // The limiter's first millisecond is the system's to clip.
  assert.ok(left.agent + left.customer < 1 && right.agent + right.customer < 1, `${JSON.stringify([left, right])}`);
  await closeConsole(page);
});

test('One key goes round both, customer, agent, and the button says which; another call begins with both', async () => {
  const page = await open();
  await openCall(page, calls[0]);
  for (const text of [/Customer/, /Agent/, /Both sides/, /Customer/]) {
    await page.keyboard.press('KeyH');
    await expectText(page, '#legs', text);
  }
  await openCall(page, calls[1]);
  await expectText(page, '#legs', /Both sides/);
  await closeConsole(page);
});

test('Volume goes by keys and by its slider, and is kept', async () => {
  const page = await open();
  await openCall(page, calls[0]);
  await page.keyboard.press('Minus');
  await page.keyboard.press('Minus');
  assert.equal(await page.inputValue('#volume'), '80');
  await page.focus('#volume');
  await page.keyboard.press('ArrowLeft');
  await page.reload();
  await page.waitForSelector('#volume');
  assert.equal(await page.inputValue('#volume'), '70');
  await closeConsole(page);
});

test('The last ten seconds are played again and again until asked once more, or another place is sought', async () => {
  const page = await open();
  await openCall(page, calls[0]);
  await seek(page, 400);
  await page.keyboard.press('KeyI');
  assert.equal(await page.getAttribute('#loop', 'aria-pressed'), 'false', 'there is nothing to repeat yet');
  await seek(page, 900);
  await page.keyboard.press('KeyI');
  assert.equal(await page.getAttribute('#loop', 'aria-pressed'), 'true');
  await page.evaluate(() => {
    globalThis.returns = 0;
    import('/player.js').then(({ element }) => element.addEventListener('seeked', () => globalThis.returns++));
  });
  await until(page, () => globalThis.returns >= 2);
  await page.keyboard.press('KeyI');
  await until(page, async () => (await import('/player.js')).positionMs() > 1300);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).element.paused);
  await seek(page, 15_000);
  await page.keyboard.press('KeyI');
  assert.deepEqual(await page.evaluate(async () => (await import('/player.js')).looping()), [5_000, 15_000]);
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.getAttribute('#loop', 'aria-pressed'), 'false');
  await closeConsole(page);
});

test('What is left is told at the speed it is heard', async () => {
  const page = await open();
  await openCall(page, calls[0]);
  await seek(page, 4000);
  await expectText(page, '#left', /^−0:1[56]$/);
  await page.selectOption('#speed', '2');
  await expectText(page, '#left', /^−0:0[78]$/);
  assert.equal((await player(page)).rate, 2);
  await closeConsole(page);
});
