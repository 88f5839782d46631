// A tag from the key to the store, in a real browser: what is shown is what is true.
import assert from 'node:assert/strict';
import test from 'node:test';
import { useDesk } from './desk.mjs';
import { answerWho, closeConsole, expectTags, expectText, layoutKey, notBounced, openCall, openConsole, player, seek, tagsOf, until } from './page.mjs';

const desk = useDesk();
const { fresh } = desk;

test('A key tags the place that is heard, and the tag is saved and then sent', async () => {
  const { page, call } = await fresh();
  await seek(page, 12_345);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  const [tag] = await desk.station.tags(call.call_id);
  assert.ok(Math.abs(tag.position_ms - 12_345) < 60, `${tag.position_ms}`);
  assert.equal(tag.listener.name, 'Dana Levi');
  await expectText(page, '#delivery', /Everything saved and sent/);
  await expectText(page, '[role=status]', /Saved: .*Charged wrongly/);
  await closeConsole(page);
});

test('With the collector away a tag is saved here and says so, and is sent when it is back', async () => {
  const { page } = await fresh();
  await desk.station.stopCollector();
  await page.keyboard.press('KeyE');
  await expectTags(page, ['broken-promise saved']);
  await expectText(page, '#delivery', /Saved, .*not yet delivered/);
  await desk.station.startCollector();
  await page.waitForSelector('#tags > li[data-state=delivered]', { timeout: 30_000 });
  await expectText(page, '#delivery', /Everything saved and sent/);
  await closeConsole(page);
});

test('Keys work under Hebrew, Korean and Lao layouts', async () => {
  const { page } = await fresh({ lang: 'he' });
  await seek(page, 1000);
  await layoutKey(page, 'KeyE', 'ק');
  await seek(page, 2000);
  await layoutKey(page, 'KeyQ', 'ㅂ');
  await seek(page, 3000);
  await layoutKey(page, 'KeyG', 'ເ');
  await expectTags(page, ['broken-promise delivered', 'wrong-charge delivered', 'nobody-called-back delivered']);
  await layoutKey(page, 'Space', ' ');
  await until(page, async () => !(await import('/player.js')).element.paused);
  await closeConsole(page);
});

test('Undo takes back the last own tag, and it can be put back', async () => {
  const { page, call } = await fresh();
  await seek(page, 4000);
  await page.keyboard.press('KeyA');
  await seek(page, 2000);
  await page.keyboard.press('KeyD');
  await expectTags(page, ['not-listened delivered', 'went-beyond delivered']);
  await page.keyboard.press('Backspace');
  await expectTags(page, ['went-beyond delivered']);
  await expectText(page, '#line', /Undone: .*Not listened to/);
  assert.equal((await desk.station.tags(call.call_id)).length, 1);
  await page.click('#line button');
  await expectTags(page, ['not-listened delivered', 'went-beyond delivered']);
  const back = (await desk.station.tags(call.call_id)).find((tag) => tag.kind === 'not-listened');
  assert.ok(Math.abs(back.position_ms - 2000) < 60);
  await closeConsole(page);
});

test('Undo is for one’s own tags only', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyB');
  await expectTags(page, ['idea delivered']);
  await page.click('#who');
  await page.fill('#new-name', 'Moshe Katz');
  await page.keyboard.press('Enter');
  await expectText(page, '#who', /Moshe Katz/);
  await page.keyboard.press('Backspace');
  await expectText(page, '#line', /nothing of yours/);
  assert.equal((await desk.station.tags(call.call_id)).length, 1);
  await closeConsole(page);
});

test('A note belongs to the last tag, and letters typed into it are not keys', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.keyboard.press('KeyN');
  await page.keyboard.type('qwe 49.90 חויב פעמיים');
  await page.keyboard.press('Enter');
  await expectText(page, '#tags .words', /qwe 49\.90 חויב פעמיים/);
  await expectTags(page, ['wrong-charge delivered']);
  assert.equal((await desk.station.tags(call.call_id))[0].note, 'qwe 49.90 חויב פעמיים');
  await page.keyboard.press('KeyN');
  await page.keyboard.type(' not this');
  await page.keyboard.press('Escape');
  await page.reload();
  await expectText(page, '#tags .words', /^qwe 49\.90 חויב פעמיים$/);
  await closeConsole(page);
});

test('Enter that ends a Korean syllable does not end the note', async () => {
  const { page } = await fresh();
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.keyboard.press('KeyN');
  await page.evaluate(() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', isComposing: true, bubbles: true })));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
  await closeConsole(page);
});

test('A range opens with one press, shows, and closes with the next', async () => {
  const { page, call } = await fresh();
  await seek(page, 5000);
  await page.keyboard.press('KeyF');
  await expectText(page, '#line', /Long wait.* since .*0:05/);
  await page.waitForSelector('.open-range');
  await seek(page, 9000);
  await notBounced(page);
  await page.keyboard.press('KeyF');
  await expectTags(page, ['long-wait delivered']);
  const [tag] = await desk.station.tags(call.call_id);
  assert.ok(Math.abs(tag.position_ms - 5000) < 60 && Math.abs(tag.end_ms - 9000) < 60, JSON.stringify(tag));
  await closeConsole(page);
});

test('A held range key closes the range when it is let go', async () => {
  const { page } = await fresh();
  await page.keyboard.press('Space');
  await layoutKey(page, 'KeyF', 'f', 700);
  await expectTags(page, ['long-wait delivered']);
  await closeConsole(page);
});

test('Escape cancels an open range and nothing is tagged', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyF');
  await page.waitForSelector('.open-range');
  await page.keyboard.press('Escape');
  await expectText(page, '#line', /was not tagged/);
  assert.equal((await desk.station.tags(call.call_id)).length, 0);
  await closeConsole(page);
});

test('A range that is open when another call is opened ends where it was', async () => {
  const { page, call } = await fresh();
  await seek(page, 3000);
  await page.keyboard.press('KeyF');
  await seek(page, 6000);
  await openCall(page, desk.calls[0]);
  await expectTags(page, []);
  await until(page, async () => (await import('/store.js')).state.saving === 0);
  const [tag] = await desk.station.tags(call.call_id);
  assert.ok(Math.abs(tag.end_ms - 6000) < 60, JSON.stringify(tag));
  assert.ok(tag.closed_by_leaving);
  await openCall(page, call);
  await expectText(page, '#tags .left-open', /Ended when the call was left/);
  await closeConsole(page);
});

test('A tag that could not be saved says NOT SAVED, is kept, and is saved once under its first id', async () => {
  const { page, call } = await fresh();
  page.meddle = (route) => route.abort();
  await seek(page, 7000);
  await page.keyboard.press('KeyC');
  await expectTags(page, ['policy-in-way unsaved']);
  await expectText(page, '#delivery', /1.* NOT SAVED/);
  await expectText(page, '#tags .mark', /NOT SAVED/);
  assert.ok(await page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))), 'leaving is warned about');
  const [{ id }] = await tagsOf(page);
  page.meddle = null;
  await page.click('.tag.lost button:has-text("Try again")');
  await expectTags(page, ['policy-in-way delivered']);
  const tags = await desk.station.tags(call.call_id);
  assert.deepEqual(tags.map((tag) => tag.event_id), [id]);
  await closeConsole(page);
});

test('A lost answer does not make a second tag', async () => {
  const { page, call } = await fresh();
  let lost = 0;
  page.meddle = async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch();
    await route.abort();
  };
  await page.keyboard.press('KeyZ');
  await expectTags(page, ['promise-made delivered']);
  assert.ok(lost >= 2);
  assert.equal((await desk.station.tags(call.call_id)).length, 1);
  await closeConsole(page);
});

test('Undoing a tag that is not saved yet ends with no tag', async () => {
  const { page, call } = await fresh();
  page.meddle = (route) => route.abort();
  await page.keyboard.press('KeyZ');
  await expectTags(page, ['promise-made unsaved']);
  await page.click('#undo');
  page.meddle = null;
  await expectTags(page, []);
  assert.equal((await desk.station.tags(call.call_id)).length, 0);
  await closeConsole(page);
});

test('Why something was refused is said in the language of the page, and the station’s own line stands behind it', async () => {
  const { page } = await fresh({ lang: 'he' });
  page.meddle = (route) => route.fulfill({ status: 507, json: { error: { code: 'E_NOT_SAVED', message: 'NOT SAVED: the disk is full.' } } });
  await page.keyboard.press('KeyQ');
  await expectText(page, '.tag .why', /^הדיסק .* NOT SAVED: the disk is full\.$/);
  await expectText(page, '.tag .why bdi[lang=en]', /^NOT SAVED: the disk is full\.$/);
  await expectText(page, '[aria-live]', /הדיסק/);
  page.meddle = (route) => route.fulfill({ status: 422, json: { error: { code: 'E_OF_A_NEWER_STATION', message: 'Something else.' } } });
  await page.click('.tag .acts button');
  await expectText(page, '.tag .why', /^ ?Something else\.$/);
  page.meddle = (route) => route.fulfill({ status: 404, json: { error: { code: 'E_NO_CALL', message: 'There is no such call; GET /api/v1/calls lists them.' } } });
  await page.click('.tag .acts button');
  await expectText(page, '.tag .why', /^אין כאן שיחה כזאת\. ?$/); // what is for programs is left out
  await page.click('.tag .acts button + button');
  await expectTags(page, []);
  await closeConsole(page);
});

test('What the station refuses for good can be discarded, and only by hand', async () => {
  const { page } = await fresh();
  page.meddle = (route) => route.fulfill({ status: 422, contentType: 'application/json', body: '{"error":{"code":"E_KIND","message":"no such <b>kind</b>"}}' });
  await page.keyboard.press('KeyZ');
  await expectTags(page, ['promise-made unsaved']);
  await expectText(page, '.tag .why', /no such <b>kind<\/b>/);
  await page.click('.tag.lost button:has-text("Discard")');
  await expectTags(page, []);
  await expectText(page, '#delivery', /Everything saved and sent/);
  await closeConsole(page);
});

test('A tag pressed while the station is down is saved when it is back', async () => {
  const { page, call } = await fresh();
  await desk.station.stopStation();
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge unsaved']);
  await desk.station.startStation();
  await page.waitForSelector('#tags > li[data-state=delivered]', { timeout: 40_000 });
  assert.equal((await desk.station.tags(call.call_id)).length, 1);
  await closeConsole(page);
});

test('A key of a kind that is not on screen explains itself instead of tagging', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyW');
  await expectText(page, '#line', /Did not work/);
  assert.equal((await desk.station.tags(call.call_id)).length, 0);
  await page.click('#line button');
  await page.keyboard.press('KeyW');
  await expectTags(page, ['fault delivered']);
  await closeConsole(page);
});

test('A tag made in one tab appears in the other', async () => {
  const { page, call } = await fresh();
  const other = await openConsole(desk.browser, `${desk.station.origin}/#call=${call.call_id}`, { context: page.context() });
  await answerWho(other, 'Dana Levi');
  await openCall(other, call);
  await page.keyboard.press('KeyA');
  await expectTags(other, ['went-beyond delivered']);
  await page.keyboard.press('Backspace');
  await expectTags(other, []);
  assert.deepEqual(other.faults, []);
  await closeConsole(page);
});

test('Clicking a key on screen tags without stopping the keyboard', async () => {
  const { page } = await fresh();
  await page.click('#key-idea');
  await expectTags(page, ['idea delivered']);
  await page.keyboard.press('Space');
  await until(page, async () => !(await import('/player.js')).element.paused);
  assert.equal((await tagsOf(page)).length, 1);
  assert.ok((await player(page)).preservesPitch);
  await closeConsole(page);
});
