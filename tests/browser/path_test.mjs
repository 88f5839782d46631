// The whole path as a person goes it: a recording is imported, heard, tagged with one key, seen saved and
// sent; the collector prints that tag, the report counts it, and an undo takes it back everywhere.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectTags, expectText, openCall, openConsole, player, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 1 })]);
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const printed = () => station.collectorSays('tail', '--json').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const counted = (kind) => JSON.parse(station.collectorSays('report', '--json')).rows.find((row) => row.kind === kind)?.count ?? 0;

test('A recording is imported, heard and tagged; the tag is saved, sent, printed and counted; undo takes it back', async () => {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  const [call] = await station.calls();
  await openCall(page, call);

  await page.keyboard.press('Space');
  await until(page, async () => (await import('/player.js')).positionMs() > 1000);
  assert.equal((await player(page)).paused, false, 'it plays');
  const before = (await player(page)).at;
  await page.keyboard.press('KeyQ');
  const after = (await player(page)).at;
  await expectTags(page, ['wrong-charge delivered']);
  await expectText(page, '[role=status]', /Saved: .*Charged wrongly/);
  await expectText(page, '#delivery', /Everything saved and sent/);

  const [tag] = await station.tags(call.call_id);
  assert.ok(tag.position_ms >= before - 60 && tag.position_ms <= after + 60, `${before} <= ${tag.position_ms} <= ${after}`);
  const [event] = printed().filter((line) => line.type === 'earful.v1.Tagged');
  assert.equal(event.id, tag.event_id);
  assert.equal(event.subject, call.call_id);
  assert.equal(event.data.kind, 'wrong-charge');
  assert.equal(counted('wrong-charge'), 1);

  await page.keyboard.press('Backspace');
  await expectTags(page, []);
  await expectText(page, '#delivery', /Everything saved and sent/);
  const retracted = printed().find((line) => line.type === 'earful.v1.TagRetracted');
  assert.equal(retracted.data.tag, tag.event_id);
  assert.equal(counted('wrong-charge'), 0);
  await closeConsole(page);
});
