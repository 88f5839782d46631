// Minutes heard: what the station says a listener heard is what the browser's own <audio> element says it
// played, to 20 ms, whatever is done to it; of a browser that is killed it is at most two seconds less.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, describe } from 'node:test';
import { startBrowser, startKillableBrowser } from './browser.mjs';
import { closeConsole, openCall, openConsole, seek, until } from './page.mjs';
import { kTalk, makeRecordings, makeTalk } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kExactMs = 20;
const kLostMs = 2000;

let browser;
let station;
let folder;
let talk;
const calls = []; // nobody has heard these yet: each test takes its own

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'earful-minutes-'));
  makeRecordings(folder, 13);
  makeTalk(folder);
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: folder })]);
  await station.listener('Dana Levi'); // whom all pages know, however many open at once
  for (const call of await station.calls()) {
    if (!/^made-/.test(call.external_id)) talk = call;
    else if (/billing|support/.test(call.queue)) calls.push(call);
  }
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// Before the page's own scripts: what the element has played is kept when another recording is loaded into
// it, and when the page goes. Shared by the tabs of a context.
function keepPlayed() {
  const elements = [];
  const keep = (audio) => {
    const call = /calls\/([^/]+)\/audio/.exec(audio.currentSrc)?.[1];
    const { played } = audio;
    const ranges = Array.from(played, (_, i) => [played.start(i) * 1000, played.end(i) * 1000]);
    if (call && ranges.length) localStorage.setItem(`played.${call}.${Math.random()}`, JSON.stringify(ranges));
  };
  globalThis.Audio = new Proxy(Audio, {
    construct: (made, given) => {
      const audio = new made(...given);
      for (const name of ['load', 'removeAttribute']) {
        const really = audio[name];
        audio[name] = (...more) => (keep(audio), really.apply(audio, more));
      }
      const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src');
      Object.defineProperty(audio, 'src', { get, set: (url) => (keep(audio), set.call(audio, url)) });
      elements.push(audio);
      return audio;
    },
  });
  globalThis.keepPlayed = () => elements.forEach(keep);
  addEventListener('pagehide', globalThis.keepPlayed);
}

async function open(context = null) {
  const own = context ?? await browser.newContext({ viewport: { width: 1400, height: 900 } });
  if (!context) await own.addInitScript(keepPlayed);
  return openConsole(browser, station.address, { as: 'Dana Levi', context: own });
}

const play = (page) => page.evaluate(async () => (await import('/player.js')).play());
const pause = (page) => page.evaluate(async () => (await import('/player.js')).pause());

// Plays on for so many milliseconds of audio.
async function playOn(page, ms) {
  await page.evaluate(async (more) => {
    const { element } = await import('/player.js');
    const to = element.currentTime + more / 1000;
    while (element.currentTime < to && !element.ended) await new Promise((resolve) => { setTimeout(resolve, 10); });
  }, ms);
}

function joined(stretches) {
  const out = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    if (out.length && from <= out.at(-1)[1] + 0.001) out.at(-1)[1] = Math.max(out.at(-1)[1], to);
    else out.push([from, to]);
  }
  return out;
}

const lengthOf = (stretches) => joined(stretches).reduce((sum, [from, to]) => sum + to - from, 0);
// What one of the two has and the other has not.
const apart = (a, b) => 2 * lengthOf([...a, ...b]) - lengthOf(a) - lengthOf(b);

const playedOf = (page, call) => page.evaluate((id) => {
  globalThis.keepPlayed();
  return Object.keys(localStorage).filter((key) => key.startsWith(`played.${id}.`)).flatMap((key) => JSON.parse(localStorage.getItem(key)));
}, call.call_id);

const heardOf = (page, call) => page.evaluate(async (id) => (await (await import('/api.js')).get(`calls/${id}`)).heard_ms, call.call_id);

// As at leaving a call.
const tellAll = (page) => page.evaluate(async () => (await import('/listening.js')).anew());

const text = (stretches) => joined(stretches).map((ends) => ends.map((ms) => ms.toFixed(1)).join('–')).join(' ');

async function expectHeard(page, call, expected = null) {
  await pause(page);
  await tellAll(page);
  const truth = expected ?? await playedOf(page, call);
  assert.ok(lengthOf(truth) > 0);
  let heard;
  await eventually(async () => apart(heard = await heardOf(page, call), truth) <= kExactMs).catch(() => {});
  assert.ok(apart(heard, truth) <= kExactMs, `played ${text(truth)}, heard ${text(heard)}`);
}

// Some at a time: they mostly wait for sound to be played.
describe('What was played was heard', { concurrency: 3 }, () => {
  test('Pausing, seeking, going round and every speed', async () => {
    const page = await open();
    const call = calls.pop();
    await openCall(page, call);
    await play(page);
    await playOn(page, 700);
    await pause(page);
    await play(page);
    await playOn(page, 300);
    await seek(page, 12_000);
    await playOn(page, 400);
    await seek(page, 700);
    await playOn(page, 500);
    for (const rate of [0.75, 1.25, 1.5, 1.75, 2]) {
      await page.selectOption('#speed', String(rate));
      await playOn(page, 400);
    }
    await page.keyboard.press('KeyI'); // the last ten seconds again
    await playOn(page, 300);
    await page.keyboard.press('KeyI');
    await seek(page, 19_500);
    await until(page, async () => (await import('/player.js')).element.ended);
    await expectHeard(page, call);
    await closeConsole(page);
  });

  test('What is done to the element behind the page\'s back', async () => {
    const page = await open();
    const call = calls.pop();
    await openCall(page, call);
    const element = (act) => page.evaluate(async (what) => Object.assign((await import('/player.js')).element, what), act);
    await page.evaluate(async () => (await import('/player.js')).element.play());
    await playOn(page, 500);
    await element({ currentTime: 8 });
    await playOn(page, 400);
    await element({ currentTime: 8.2 });
    await playOn(page, 400);
    await element({ playbackRate: 2 });
    await playOn(page, 400);
    await element({ currentTime: 3 });
    await page.evaluate(async () => (await import('/player.js')).element.pause());
    await element({ currentTime: 15 });
    await page.evaluate(async () => (await import('/player.js')).element.play());
    await playOn(page, 300);
    await expectHeard(page, call);
    await closeConsole(page);
  });

  test('A reload in the middle', async () => {
    const page = await open();
    const call = calls.pop();
    await openCall(page, call);
    await play(page);
    await playOn(page, 1300);
    await seek(page, 9000);
    await playOn(page, 400);
    await page.reload();
    await openCall(page, call);
    await seek(page, 9200);
    await play(page);
    await playOn(page, 500);
    await expectHeard(page, call);
    await closeConsole(page);
  });

  test('Two tabs at once are one listener', async () => {
    const one = await open();
    const other = await open(one.context());
    const call = calls.pop();
    await Promise.all([openCall(one, call), openCall(other, call)]);
    await seek(other, 1000);
    await Promise.all([play(one), play(other)]);
    await Promise.all([playOn(one, 1800), playOn(other, 1500)]);
    await Promise.all([pause(one), pause(other)]);
    await tellAll(other);
    await playedOf(other, call);
    await expectHeard(one, call);
    await other.close();
    await closeConsole(one);
  });

  test('Nothing is heard while it makes no sound, or is too fast', async () => {
    const page = await open();
    const call = calls.pop();
    await openCall(page, call);
    // Gives the place where it was done: by the page's own slider while it plays; behind its back while it rests,
    // for nobody knows when in between a browser's event is told.
    const alter = (act, value) => page.evaluate(async ([what, to]) => {
      const { element, pause, play, setLoudness } = await import('/player.js');
      if (what !== 'loudness') pause();
      const ms = element.currentTime * 1000;
      if (what === 'loudness') setLoudness(to);
      else {
        element[what] = to;
        play();
      }
      return ms;
    }, [act, value]);
    await play(page);
    const places = [0];
    for (const [act, silent, loud] of [['loudness', 0, 0.5], ['muted', true, false], ['volume', 0, 1], ['playbackRate', 3, 1]]) {
      await playOn(page, 400);
      places.push(await alter(act, silent));
      await playOn(page, 300);
      places.push(await alter(act, loud));
    }
    await playOn(page, 300);
    await pause(page);
    places.push(await page.evaluate(async () => (await import('/player.js')).element.currentTime * 1000));
    const loud = [];
    for (let i = 0; i < places.length; i += 2) loud.push(places.slice(i, i + 2));
    await expectHeard(page, call, loud);
    await closeConsole(page);
  });

  test('Silence that is skipped is told apart from what was heard', async () => {
    const page = await open();
    await openCall(page, talk);
    await page.keyboard.press('KeyU');
    const [, , to] = kTalk[1];
    await seek(page, to * 1000 - 500);
    await play(page);
    await playOn(page, 6900); // six seconds of silence are left out
    await expectHeard(page, talk);
    const told = station.says('journal').split('\n').filter((line) => line.includes('skipped_silence'));
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(told[0], new RegExp(talk.call_id));
    await closeConsole(page);
  });

  test('Another call in the middle: each has its own', async () => {
    const page = await open();
    const [first, second] = [calls.pop(), calls.pop()];
    await openCall(page, first);
    await play(page);
    await playOn(page, 600);
    await openCall(page, second);
    await play(page);
    await playOn(page, 500);
    await expectHeard(page, second);
    await expectHeard(page, first);
    await closeConsole(page);
  });

  test('A page that is not seen is heard', async () => {
    const page = await open();
    const call = calls.pop();
    await openCall(page, call);
    // Playwright keeps every page in sight: this is what it would miss.
    await page.evaluate(() => { globalThis.requestAnimationFrame = () => 0; });
    await play(page);
    await playOn(page, 1500);
    await seek(page, 6000);
    await playOn(page, 500);
    await expectHeard(page, call);
    await closeConsole(page);
  });
});

test('A browser that is killed takes at most two seconds with it, and adds nothing', async () => {
  const killed = [];
  for (const rate of [1, 2, 2]) {
    const call = calls.pop();
    const { browser: victim, kill } = await startKillableBrowser();
    const page = await openConsole(victim, station.address, { as: 'Dana Levi' });
    const seen = { ms: 0, at: 0 };
    await page.exposeBinding('standsAt', (_, ms, at) => Object.assign(seen, { ms, at }));
    await openCall(page, call);
    await page.evaluate(async (speed) => {
      const player = await import('/player.js');
      player.setSpeed(speed);
      setInterval(() => {
        const at = Date.now(); // before that place, so that what is reckoned from both is never too little
        globalThis.standsAt(player.element.currentTime * 1000, at);
      }, 20);
      player.play();
    }, rate);
    const lasts = 800 + 2700 * Math.random();
    await eventually(() => seen.ms > 0);
    await new Promise((resolve) => { setTimeout(resolve, lasts); });
    await kill();
    killed.push({ call, rate, seen, most: seen.ms + (Date.now() + 1 - seen.at) * rate });
  }
  const page = await open();
  for (const { call, rate, seen, most } of killed) {
    let heard;
    await eventually(async () => lengthOf(heard = await heardOf(page, call)) >= seen.ms - kLostMs && heard.length).catch(() => {});
    const told = `at speed ${rate} played to ${seen.ms.toFixed(0)}, heard ${text(heard)}`;
    assert.ok(lengthOf(heard) >= seen.ms - kLostMs, told);
    assert.ok((heard.at(-1)?.[1] ?? 0) <= most, told);
  }
  await closeConsole(page);
});
