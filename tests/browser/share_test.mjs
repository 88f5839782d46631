// What leaves the console: links to a moment, a call's tags for other programs, the sound of a tag.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectTags, expectText, openCall, openConsole, seek, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let call;
const folder = mkdtempSync(path.join(tmpdir(), 'earful-share-'));

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 2 })]);
  [call] = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(folder, { recursive: true });
});

async function saved(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const file = path.join(folder, download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

const probed = (file) => JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_format', '-show_packets', '-of', 'json', file]));

test('A link to a moment is copied, and opens that moment for somebody else', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openCall(page, call);
  await seek(page, 3500);
  await page.click('#copy-link');
  await expectText(page, '#line', /0:03/);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, `${station.origin}/calls/${call.call_id}#t=3.5`);

  const other = await openConsole(browser, station.address, { as: 'Noa Cohen' });
  await other.goto(link);
  await until(other, async (id) => {
    const { state } = await import('/store.js');
    const { positionMs } = await import('/player.js');
    return state.call?.call_id === id && Math.abs(positionMs() - 3500) < 100;
  }, call.call_id);
  assert.equal(new URL(other.url()).pathname, `/calls/${call.call_id}`);
  await closeConsole(other);
  await closeConsole(page);
});

test('Going back goes to the call before', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  const [first, second] = await station.calls();
  const shown = (id) => until(page, async (wanted) => (await import('/store.js')).state.call?.call_id === wanted, id);
  await page.locator('.list .row').nth(0).click();
  await shown(first.call_id);
  await page.locator('.list .row').nth(1).click();
  await shown(second.call_id);
  await page.goBack();
  await shown(first.call_id);
  await closeConsole(page);
});

test('Tags and their sound are saved as files that other programs read', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  await openCall(page, call);
  await seek(page, 4000);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  for (const [name, format] of [['WebVTT', 'webvtt'], ['Audacity', null], ['CSV', null], ['vCon', null]]) {
    const file = await saved(page, page.getByRole('link', { name, exact: true }));
    assert.match(path.basename(file), /^earful-[0-9a-f-]+\.(vtt|txt|csv|vcon\.json)$/);
    if (!format) continue;
    const { format: read, packets } = probed(file);
    assert.equal(read.format_name, format);
    assert.equal(packets.length, 1);
  }
  const clip = await saved(page, page.getByRole('link', { name: /^Sound: / }));
  const [tag] = await station.tags(call.call_id);
  const { format } = probed(clip);
  assert.equal(format.format_name, 'ogg');
  assert.ok(Math.abs(Number(format.duration) * 1000 - (tag.end_ms - tag.start_ms)) < 110, `${format.duration} s`); // ffprobe counts the pre-skip in
  await closeConsole(page);
});
