// A whole listening hour, shortened, through the real programs: tags on the way and between calls, a browser that is
// killed in the middle, another that goes on; and what is there afterwards.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser, startKillableBrowser } from './browser.mjs';
import { between, callsOf, expectText, go, hearHour, kSite, playing, tagHour } from './hours.mjs';
import { closeConsole, expectAccessible, kPhone, openConsole, player, until } from './page.mjs';
import { makeWeek } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kCalls = 14;
const kSeconds = 6; // three at double speed: time to press a key on a busy machine

let home;
let browser;
let station;
let noa; // who has heard her hour before anybody looks

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-hour-'));
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: makeWeek(home, kCalls, kSeconds), settings: () => kSite.replace('minutes = 1', 'minutes = 2') })]);
  noa = await station.listener('Noa Cohen');
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = (options) => openConsole(browser, station.address, { as: 'Dana Levi', ...options });

test('An hour is heard to its end, over a killed browser; the note, the weeks and the thank-yous are right', async () => {
  const { browser: victim, kill } = await startKillableBrowser();
  let page = await openConsole(victim, station.address, { as: 'Dana Levi' });
  await page.keyboard.press('Backslash');
  await expectText(page, '#hour-drawn', /14 calls drawn at random from all 14 calls/);
  await page.click('#hour-go');
  await playing(page, 0);
  await page.keyboard.press('KeyG');
  await between(page);
  await page.keyboard.press('KeyA');
  await page.keyboard.press('Enter');
  await playing(page, 1);
  await page.keyboard.press('KeyG');
  const [first, second] = await callsOf(page);
  await until(page, async () => (await import('/player.js')).positionMs() > 1400);
  await kill();

  page = await open();
  await page.keyboard.press('Backslash');
  await expectText(page, '#hour-go', /Go on/);
  const left = await eventually(async () => (await callsOf(page)).find((call) => call.call_id === second.call_id && call.resume_ms > 0));
  assert.ok(left.resume_ms < 1000 * kSeconds && !left.heard, `${left.resume_ms}`);
  await page.click('#hour-go');
  await playing(page, 1);
  assert.ok((await player(page)).at >= left.resume_ms - 1, 'where it was left');
  await page.selectOption('#speed', '2');
  for (let next = 2; next < kCalls; next++) {
    await between(page);
    await page.keyboard.press('Enter');
    await playing(page, next);
  }
  await page.keyboard.press('KeyZ');
  await page.click('.hour-strip a[href^="#/hour/"]');

  await expectText(page, '.note-page', /In 14 calls you heard .*Nobody called back.* in 2, about 1 in 7; of all calls likely/);
  await expectText(page, '.source', /14 calls heard, 1 min/);
  await expectText(page, '.note-page', /Moments to praise.*(Maya Brandt|Tom Reed).*Went beyond/);
  await expectText(page, '.note-page', /Promised.*We promised/);
  assert.doesNotMatch(await page.textContent('.problems'), /Maya|Tom/);
  await page.fill('#words', 'I will call two of them.');
  await page.click('#words-save');
  await expectText(page, '.own-words [role=status]', /Saved/);
  await page.reload();
  await until(page, () => document.getElementById('words')?.value === 'I will call two of them.');

  await go(page, '#/cadence', '.leader');
  await expectText(page, '.leader', /Dana Levi.*Heard in .*1.* of 1 week/);
  await go(page, '#/thanks', '.thank');
  const tag = (await station.tags(first.call_id)).find(({ kind }) => kind === 'went-beyond');
  assert.equal(await page.locator('.thank').count(), 1);
  await page.selectOption(`[data-event-id="${tag.event_id}"] select`, 'visit');
  await page.click(`[data-event-id="${tag.event_id}"] form button`);
  await expectText(page, '.thanked', /A visit.*by.*Dana Levi/);
  assert.equal(await page.locator('.thank').count(), 0);
  await closeConsole(page);
});

test('A call is skipped, said to be, and heard after all; the hour stops between two calls and stays stopped', async () => {
  const page = await open({ as: 'Yael Bar' });
  await page.keyboard.press('Backslash');
  await page.click('#hour-go');
  await playing(page, 0);
  await page.click('#hour-skip');
  await playing(page, 1);
  await between(page);
  await page.keyboard.press('KeyY'); // the list's own, which has no say here
  await page.keyboard.press('KeyY');
  assert.equal(await page.locator('#between').count(), 1);
  await page.keyboard.press('Enter');
  await playing(page, 2);
  await page.click('#hour-pause');
  assert.equal(await page.locator('#hour-on').count(), 0, 'Play does just that');
  await page.reload();
  await page.click('#hour-on');
  await playing(page, 2);
  await between(page);
  await page.click('#hour-stop');
  await page.waitForSelector('#between', { state: 'detached' });
  assert.deepEqual([await page.locator('.hour-strip').count(), (await player(page)).paused], [0, true]);
  await page.keyboard.press('Backslash');
  await expectText(page, '.hour-now', /1 call was skipped/);
  await page.click('.hour-calls li:nth-child(2) button.quiet');
  await playing(page, 1);
  await page.click('.hour-strip a[href="#/hour"]');
  await page.click('.hour-calls li:first-child .state button');
  await until(page, () => !document.querySelector('.hour-now').textContent.includes('skipped'));
  await closeConsole(page);
});

test('A full note is one sheet of A4 in every language, and every page is accessible', async () => {
  const hour = await hearHour(station, noa);
  await tagHour(station, noa, hour);
  for (const lang of ['en-GB', 'he', 'ko', 'lo']) {
    const page = await open({ as: 'Noa Cohen', lang, size: lang === 'he' ? kPhone : undefined });
    await go(page, `#/hour/${hour.hour_id}`, '.note-page');
    assert.equal(await page.locator('.problems > li').count(), 6);
    const sheets = (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
    assert.equal(sheets.length, 1, lang);
    for (const [hash, ready] of [['#/hour', '#hour-note'], [`#/hour/${hour.hour_id}`, '.note-page'], ['#/thanks', '.thank'], ['#/cadence', '.leader']]) {
      await go(page, hash, ready);
      if (lang === 'en-GB' || (lang === 'he' && ready === '.note-page')) await expectAccessible(page, `${hash} in ${lang}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${hash} in ${lang}`);
    }
    await closeConsole(page);
  }
});

test('The note is copied as Markdown that says the same, and leads into its calls', async () => {
  const { hour_id: id } = await station.getAs(noa, 'hour');
  const page = await open({ as: 'Noa Cohen' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await go(page, `#/hour/${id}`, '.note-page');
  await page.click('#note-copy');
  await expectText(page, '#note-told', /copied/);
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^# What you heard, .*\n\nNoa Cohen\. 14 calls drawn at random/);
  assert.match(text, /\n- In 14 calls you heard \*Nobody called back\* in 5, about 1 in 3; of all calls likely between 1 in 8 and 2 in 3\.\n {2}- \[0:0\d\]\(http:\/\/127\.0\.0\.1:\d+\/calls\/[0-9a-f-]+#t=/);
  assert.match(text, /\n## Promised\n/);
  assert.match(text, /\n## In your own words\n\nTwice this week/);
  await page.evaluate(() => { window.isSame = true; });
  await page.click('.problems .clips a');
  await page.waitForSelector('#play');
  assert.match(page.url(), /\/calls\/[0-9a-f-]+#t=/);
  assert.equal(await page.evaluate(() => window.isSame), true, 'nothing was loaded anew');
  await closeConsole(page);
});

test('Who was thanked by somebody else leaves the list at once', async () => {
  const page = await open();
  await go(page, '#/thanks', '.thank');
  const ids = await page.$$eval('.thank', (cards) => cards.map((card) => card.dataset.eventId));
  await station.postAs(await station.listener('Yael Bar'), `tags/${ids[0]}/thanked`, { how: 'note' });
  await page.waitForSelector(`.thank[data-event-id="${ids[0]}"]`, { state: 'detached' });
  await expectText(page, '.thanked', /A handwritten note.*by.*Yael Bar/);
  await closeConsole(page);
});
