// The page itself: who may open it, who listens, playing, languages, colours, keyboards and hostile input.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { answerWho, closeConsole, expectAccessible, expectTags, expectText, kPhone, openCall, openConsole, player, seek, until } from './page.mjs';
import { kHostileAgent, kHostileQueue } from './recordings.mjs';
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

const open = (options) => openConsole(browser, station.address, { as: 'Dana Levi', ...options });

test('Without the address the program printed, the page says to open it', async () => {
  const page = await openConsole(browser, station.origin);
  await expectText(page, 'main', /Open the address the program printed/);
  await expectAccessible(page, 'no session');
  await closeConsole(page);
});

test('An address of yesterday says so, and the right one in the same tab opens the page', async () => {
  const page = await openConsole(browser, `${station.origin}/#token=old`);
  await expectText(page, 'main', /not valid any more/);
  await page.evaluate((address) => { location.href = address; }, station.address);
  await page.waitForSelector('main.desk');
  assert.doesNotMatch(page.url(), /token/);
  await closeConsole(page);
});

test('The page asks once who listens, and knows it after a reload', async () => {
  const page = await openConsole(browser, station.address);
  await page.waitForSelector('dialog');
  await expectAccessible(page, 'who is listening');
  await page.keyboard.press('Escape');
  assert.ok(await page.isVisible('dialog'), 'there is no way around it');
  await answerWho(page, 'Noa Cohen');
  await page.reload();
  await expectText(page, '#who', /Noa Cohen/);
  assert.equal(await page.locator('dialog').count(), 0);
  await closeConsole(page);
});

test('A new name near a known one is asked about', async () => {
  const page = await openConsole(browser, station.address);
  await answerWho(page, 'Yael Bar');
  const other = await openConsole(browser, station.address);
  await other.fill('#new-name', 'yael barr');
  await other.keyboard.press('Enter');
  await expectText(other, 'dialog h1', /Is this you/);
  await other.click('dialog button:has-text("Yes, that is me")');
  await expectText(other, '#who', /^\s*Yael Bar\s*$/);
  await closeConsole(other);
  await closeConsole(page);
});

test('A call plays, seeks and speeds up without a change of pitch', async () => {
  const page = await open();
  await openCall(page, calls[1]);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).positionMs() > 700);
  await page.keyboard.press('Space');
  assert.ok((await player(page)).paused);
  await seek(page, 5000);
  await page.keyboard.press('KeyL');
  await expectText(page, '#position', /^0:15$/);
  await page.keyboard.press('KeyJ');
  await page.keyboard.press('ArrowRight');
  await expectText(page, '#position', /^0:10$/);
  for (const speed of [1.25, 1.5, 1.75, 2, 2]) {
    await page.keyboard.press('Period');
    assert.equal((await player(page)).rate, speed);
  }
  for (let i = 0; i < 6; i++) await page.keyboard.press('Comma');
  const { rate, preservesPitch } = await player(page);
  assert.deepEqual({ rate, preservesPitch }, { rate: 0.75, preservesPitch: true });
  await closeConsole(page);
});

test('At double speed twice as much is heard', async () => {
  const page = await open();
  await openCall(page, calls[1]);
  await page.selectOption('#speed', '2');
  await page.keyboard.press('Space');
  const heard = () => page.evaluate(async () => {
    const { outlet, positionMs } = await import('/recorded_player.js');
    return { at: positionMs(), clock: outlet() ? outlet().context.currentTime * 1000 : 0 }; // a busy machine slows both
  });
  await until(page, async () => (await import('/player.js')).positionMs() > 500);
  const from = await heard();
  await until(page, async (at) => (await import('/player.js')).positionMs() > at + 3000, from.at);
  const to = await heard();
  const times = (to.at - from.at) / (to.clock - from.clock);
  assert.ok(times > 1.7 && times < 2.3, `${times}`);
  await closeConsole(page);
});

test('Silence is left out of a kept call on request, and the page says how much', async () => {
  const page = await open();
  await openCall(page, calls[1]);
  await page.evaluate(async (url) => (await import('/player.js')).load(url, 20_000, { silences: [[2000, 12_000]] }), `/api/v1/calls/${calls[1].call_id}/audio`);
  await page.keyboard.press('KeyU');
  await seek(page, 1500);
  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).positionMs() >= 11_700);
  await expectText(page, '#skipped', /0:09\S* skipped/); // all but 300 ms on both sides
  await closeConsole(page);
});

test('A click on the waveform seeks, in a page that runs right to left too', async () => {
  for (const lang of ['en-GB', 'he']) {
    const page = await open({ lang });
    await openCall(page, calls[1]);
    const place = page.locator('.place');
    const { width } = await place.boundingBox();
    await place.click({ position: { x: width / 4, y: 90 } });
    const length = await page.evaluate(async () => (await import('/store.js')).state.call.duration_ms);
    await until(page, async (to) => Math.abs((await import('/player.js')).positionMs() - to) < 400, length / 4);
    await closeConsole(page);
  }
});

test('A link to a passage opens its call at its place and stops at its end', async () => {
  const page = await openConsole(browser, `${station.address}&call=${calls[2].call_id}&t=3,4.5`, { as: 'Dana Levi' });
  await until(page, async () => {
    const { element, positionMs } = await import('/player.js');
    return element.paused && positionMs() >= 4400 && positionMs() < 5200;
  });
  await closeConsole(page);
});

test('Why a kept call cannot be played is said in the language of the page', async () => {
  const page = await open({ lang: 'ko' });
  await page.route('**/audio', (route) => route.fulfill({ status: 404 }));
  await page.evaluate((id) => { location.hash = `#call=${id}`; }, calls[1].call_id);
  await expectText(page, 'main .problem', /재생할 수 없습니다: 읽지 못했습니다/);
  await closeConsole(page);
});

test('Both legs are drawn in their own colours', async () => {
  const page = await open();
  await openCall(page, calls[1]);
  await until(page, () => document.querySelector('.place > div')?.shadowRoot?.querySelectorAll('.canvases canvas').length >= 2);
  const inks = await page.evaluate(() => [...document.querySelector('.place > div').shadowRoot.querySelectorAll('.canvases canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) return data[i] > data[i + 2] ? 'warm' : 'cool';
    return 'none';
  }));
  assert.deepEqual([...new Set(inks)].sort(), ['cool', 'warm']);
  await closeConsole(page);
});

test('A hostile name is text', async () => {
  const page = await open();
  await openCall(page, (await station.calls()).find((call) => call.queue === kHostileQueue));
  await expectText(page, 'h1 .queue', /^<img src=x onerror=alert\(1\)>$/);
  assert.match(await page.textContent('.facts'), new RegExp(kHostileAgent.replace(/[<>/]/g, '.')));
  assert.equal(await page.locator('main img, main b > b').count(), 0);
  await page.click('#who');
  await page.fill('#new-name', '<script>alert(2)</script>');
  await page.keyboard.press('Enter');
  await expectText(page, '#who', /<script>alert\(2\)<\/script>/);
  await page.keyboard.press('KeyQ');
  await page.waitForSelector('#tags > li[data-state=delivered]');
  await page.keyboard.press('KeyN');
  await page.keyboard.type('"><svg onload=alert(3)>\u202eevil');
  await page.keyboard.press('Enter');
  await expectText(page, '#tags .words bdi', /^"><svg onload=alert\(3\)>evil$/); // what would turn the line is left out
  await closeConsole(page);
});

test('Hebrew runs right to left while keys, time and waveform do not', async () => {
  const page = await open({ lang: 'he' });
  assert.deepEqual(await page.evaluate(() => [document.documentElement.dir, document.documentElement.lang]), ['rtl', 'he']);
  const x = (selector) => page.locator(selector).boundingBox().then((box) => box.x);
  assert.ok(await x('.list') > await x('.middle'), 'calls on the right');
  assert.ok(await x('#key-wrong-charge') < await x('#key-broken-promise'), 'Q left of E');
  assert.ok(await x('.axis span:first-child') < await x('.axis .last'), 'time runs to the right');
  await closeConsole(page);
});

test('The language that was picked stays, and is the listener\'s own', async () => {
  const page = await open();
  for (const [code, title] of [['ko', /방금 무엇을/], ['lo', /ໄດ້ຍິນຫຍັງ/], ['he', /מה נשמע/]]) {
    await page.click(`#language-${code}`);
    await expectText(page, '#keys-title', title);
  }
  await page.reload();
  await expectText(page, '#keys-title', /מה נשמע/);
  await page.click('#who');
  await page.fill('#new-name', 'Somebody Else');
  await page.keyboard.press('Enter');
  await expectText(page, '#keys-title', /What did you just hear/);
  await page.click('#who');
  await page.click('dialog .people button:has-text("Dana Levi")');
  await expectText(page, '#keys-title', /מה נשמע/);
  await closeConsole(page);
});

for (const [what, options] of Object.entries({ English: {}, Hebrew: { lang: 'he' }, Korean: { lang: 'ko' }, Lao: { lang: 'lo' }, 'a phone': { size: kPhone } })) {
  test(`The page is accessible: ${what}`, async () => {
    const page = await open(options);
    await openCall(page, calls[3]);
    await page.keyboard.press('KeyF');
    await page.waitForSelector('.open-range');
    await expectAccessible(page, 'a range is open');
    await page.keyboard.press('Escape');
    await page.click('#more-keys');
    await page.click('.filters summary');
    await page.keyboard.press('KeyW');
    await expectTags(page, ['fault delivered']);
    await expectAccessible(page, 'tagged, all keys');
    page.meddle = (route) => route.abort();
    await page.keyboard.press('Backspace');
    await expectTags(page, ['fault not-undone']);
    await expectAccessible(page, 'not undone');
    page.meddle = null;
    await expectTags(page, []); // it is tried again by itself
    await page.keyboard.press('Slash');
    await page.waitForSelector('dialog');
    await expectAccessible(page, 'help');
    await page.keyboard.press('Escape');
    await page.click('#who');
    await page.waitForSelector('dialog');
    await expectAccessible(page, 'who is listening');
    await closeConsole(page);
  });
}

test('Nothing sticks out: a phone of 320 pixels, a page at 200 %, a wall', async () => {
  for (const lang of ['en-GB', 'lo']) {
    const page = await open({ lang });
    await openCall(page, calls[3]);
    for (const [width, height] of [[320, 640], [360, 800], [700, 450], [1100, 700], [2560, 1440]]) {
      await page.setViewportSize({ width, height });
      const out = await page.evaluate(() => [...document.querySelectorAll('main *, header *')]
        .filter((item) => item.getBoundingClientRect().right > innerWidth + 1 || item.getBoundingClientRect().left < -1)
        .filter((item) => !item.closest('.unseen, .skip')).map((item) => item.id || item.className));
      assert.deepEqual(out, [], `${width} wide, ${lang}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} wide, ${lang}`);
    }
    await closeConsole(page);
  }
});

test('Every control is reached by Tab, in its turn, and its focus is seen', async () => {
  const page = await open();
  await openCall(page, calls[3]);
  await page.click('#more-keys');
  await page.evaluate(() => { // Tab begins at the top
    document.body.tabIndex = -1;
    document.body.focus();
  });
  const controls = await page.evaluate(() => {
    const seen = [...document.querySelectorAll('button, input, select, summary, a[href], [tabindex="0"]')]
      .filter((item) => item !== document.body && item.tabIndex >= 0 && !item.disabled && item.checkVisibility());
    seen.forEach((item, i) => { item.dataset.turn = i; });
    return seen.length;
  });
  const turns = [];
  for (let i = 0; i < controls; i++) {
    await page.keyboard.press('Tab');
    turns.push(await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      const { turn } = document.activeElement.dataset;
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 ? Number(turn) : `${turn} shows no focus: ${document.activeElement.outerHTML}`;
    }));
  }
  assert.deepEqual(turns, [...Array(controls).keys()]);
  await closeConsole(page);
});

test('Everything on screen is at least 24 pixels to hit', async () => {
  for (const size of [undefined, kPhone]) {
    const page = await open({ size });
    const small = await page.$$eval('button, select, input', (items) => items.map((item) => [item.id || item.textContent || item.className, item.getBoundingClientRect()])
      .filter(([name, { width, height }]) => width > 0 && height > 0 && (width < 24 || height < 24)).map(([name]) => name));
    assert.deepEqual(small, []);
    await closeConsole(page);
  }
});

test('A call is found, opened, played, tagged and undone by keyboard alone, and focus is seen', async () => {
  const page = await open();
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    return { name: element.id || element.className, ring: getComputedStyle(element).outlineStyle !== 'none' };
  });
  const tabTo = async (name) => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('Tab');
      const at = await focused();
      if (at.name.split(' ').includes(name)) return assert.ok(at.ring, `${name} shows its focus`);
    }
    assert.fail(`${name} was not reached`);
  };
  await page.evaluate(() => document.activeElement.blur());
  await tabTo('skip');
  await page.keyboard.press('Enter');
  assert.equal((await focused()).name, 'play');
  await page.evaluate(() => document.activeElement.blur());
  await tabTo('row');
  await page.keyboard.press('ArrowDown');
  const before = page.url();
  await page.keyboard.press('Enter');
  await until(page, async (url) => {
    const { state } = await import('/store.js');
    const { element } = await import('/player.js');
    return location.href !== url && location.href.includes(state.call?.call_id) && state.peaks !== undefined && element.readyState >= 1;
  }, before);
  await tabTo('seek');
  await page.keyboard.press('ArrowRight');
  await expectText(page, '#position', /^0:05$/);
  await page.waitForSelector('#seek[aria-valuenow="5"]'); // the slider is drawn with the next frame
  await tabTo('play');
  await page.keyboard.press('Enter');
  await until(page, async () => !(await import('/player.js')).element.paused);
  await tabTo('key-idea');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#tags > li[data-kind=idea][data-state=delivered]');
  await tabTo('undo');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#tags > li', { state: 'detached' });
  await page.keyboard.press('Slash');
  await page.waitForSelector('dialog');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await closeConsole(page);
});

test('Searching narrows the list and a name that is not there says so', async () => {
  const page = await open();
  await page.fill('.list input', 'support');
  await until(page, () => [...document.querySelectorAll('.row .queue')].every((item) => /support/.test(item.textContent)) && document.querySelector('.row'));
  await page.fill('.list input', 'zzzz');
  await expectText(page, '.list', /No call matches/);
  await closeConsole(page);
});

test('Still pages stay still for those who ask for it', async () => {
  const page = await open();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.key')).transitionDuration), '0s');
  await closeConsole(page);
});

test('The ends of a stretch under a second are told in tenths', async () => {
  const page = await open();
  const spans = await page.evaluate(async () => {
    const { clockSpan } = await import('/names.js');
    return [clockSpan(2100, 2560), clockSpan(2960, 3040), clockSpan(2100, 3100)];
  });
  assert.deepEqual(spans, [{ from: '0:02.1', to: '0:02.5' }, { from: '0:02.9', to: '0:03.0' }, { from: '0:02', to: '0:03' }]);
  await closeConsole(page);
});
