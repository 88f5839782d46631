// Watched folders as the page shows them: what arrives appears by itself, what cannot be read is listed once
// with the reason, and a listener sees that many are on their way.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectText, kPhone, openConsole, until } from './page.mjs';
import { makeRecordings, makeTalk } from './recordings.mjs';
import { startStation } from './station.mjs';

const kTakenMs = 180_000; // the workers are the last to get a busy machine

let browser;
let station;
let home;
let folder;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-inbox-'));
  folder = path.join(home, 'from-pbx');
  mkdirSync(folder);
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 1, inboxes: [folder] })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const open = (options) => openConsole(browser, station.address, { as: 'Dana Levi', ...options });
const rows = (page) => page.locator('.list .row').count();

// Whole at once, as a telephone system does it.
function drop(name, write) {
  const part = path.join(home, name);
  write(part);
  renameSync(part, path.join(folder, name));
}
const dropCall = (name) => drop(name, () => makeTalk(home, name));
const dropText = (name) => drop(name, (file) => writeFileSync(file, 'not a recording\n'.repeat(100)));

test('A call that is dropped into the folder appears; a broken file is listed once with its reason', async () => {
  const page = await open();
  const hebrew = await open({ lang: 'he' });
  const before = await rows(page);
  dropText('broken.wav');
  dropCall('talk.wav');
  await expectText(page, '.inbox', /1.* recording was not taken.*broken\.wav.*Not a kind of recording.*it looks like text/s);
  await expectText(hebrew, '.inbox', /הקלטה אחת לא נקלטה.*broken\.wav.*סוג הקלטה שאינו נקרא כאן/s);
  await until(page, (count) => document.querySelectorAll('.list .row').length === count, before + 1);
  for (const one of [page, hebrew]) {
    assert.equal(await one.locator('.refused li').count(), 1);
    await expectAccessible(one, 'a refused recording');
  }
  rmSync(path.join(folder, 'broken.wav'));
  for (const one of [page, hebrew]) await one.waitForSelector('.refused', { state: 'detached' });
  await closeConsole(hebrew);
  await closeConsole(page);
});

test('While many arrive the page says how many are to come, stays whole, and shows them all', async () => {
  const page = await open();
  const kCount = 12;
  const made = makeRecordings(path.join(home, 'made'), kCount);
  for (const name of readdirSync(made)) drop(name, (part) => copyFileSync(path.join(made, name), part));
  for (let i = 0; i < 7; i++) dropText(`note-${i}.wav`);
  await expectText(page, '.folder[data-state=taking]', /from-pbx.*Taking in.*\d+.*recording/s);
  await page.waitForSelector('.folder', { state: 'detached', timeout: kTakenMs });
  await expectText(page, '.inbox', /7.* recordings were not taken.*4.* more/s);
  const { inboxes: [inbox] } = await station.get('inbox');
  assert.deepEqual([inbox.state, inbox.waiting, inbox.refused_count], ['watching', 0, 7]);
  const expected = (await station.calls()).length;
  await until(page, (count) => document.querySelectorAll('.list .row').length === count, expected);
  assert.ok(expected >= kCount, `${expected} calls`);
  await closeConsole(page);
});

test('A folder that is gone is said to be, on a phone too, until it is back', async () => {
  const page = await open({ size: kPhone });
  const away = path.join(home, 'away');
  renameSync(folder, away);
  await expectText(page, '.folder[data-state=missing]', /The folder is not there/);
  await expectAccessible(page, 'a folder that is gone');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
  renameSync(away, folder);
  await page.waitForSelector('.folder', { state: 'detached', timeout: 60_000 });
  await closeConsole(page);
});
