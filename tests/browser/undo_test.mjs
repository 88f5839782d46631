// What is taken back, done again, and what outlives a page, a station and a reload.
import assert from 'node:assert/strict';
import test from 'node:test';
import { useDesk } from './desk.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, notBounced, openCall, seek, tagsOf, until } from './page.mjs';

const desk = useDesk();
const { fresh } = desk;

const reload = async (page, call) => {
  await page.reload();
  await page.waitForSelector('#tags', { state: 'attached' });
  await openCall(page, call);
};

test('A tag and its note are undone and done again, across a reload', async () => {
  const { page, call } = await fresh();
  await seek(page, 3000);
  await page.keyboard.press('KeyQ');
  await page.keyboard.press('KeyN');
  await page.keyboard.type('twice');
  await page.keyboard.press('Enter');
  await expectTags(page, ['wrong-charge delivered']);
  await page.keyboard.press('Control+KeyZ');
  await expectText(page, '#line', /Change undone: .*Charged wrongly.* at .*0:03/);
  await until(page, async () => (await import('/store.js')).state.tags[0].note === '');
  await reload(page, call);
  await page.keyboard.press('Backspace');
  await expectTags(page, []);
  await expectText(page, '#line', /Undone: .*Charged wrongly/);
  await reload(page, call);
  await page.keyboard.press('Control+Shift+KeyZ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.keyboard.press('Control+KeyY');
  await expectText(page, '#tags .words', /^twice$/);
  await expectTags(page, ['wrong-charge delivered']);
  const [tag] = await desk.station.tags(call.call_id);
  assert.equal(tag.note, 'twice');
  assert.ok(Math.abs(tag.position_ms - 3000) < 60, `${tag.position_ms}`);
  await page.keyboard.press('Meta+Shift+KeyZ');
  await expectText(page, '#line', /nothing to do again/);
  await closeConsole(page);
});

test('Thirty steps go back and forth', async () => {
  const { page } = await fresh();
  await page.evaluate(async () => {
    const { press } = await import('/tagging.js');
    const { state } = await import('/store.js');
    const kinds = ['wrong-charge', 'went-beyond'].map((id) => state.kinds.find((kind) => kind.id === id));
    for (let i = 0; i < 30; i++) press(kinds[i % 2], 'key');
  });
  await until(page, async () => (await import('/store.js')).state.tags.filter((tag) => tag.state === 'delivered').length === 30);
  for (let i = 0; i < 30; i++) await page.keyboard.press('Backspace');
  await expectTags(page, []);
  await page.keyboard.press('Backspace');
  await expectText(page, '#line', /nothing of yours to undo/);
  for (let i = 0; i < 30; i++) await page.keyboard.press('Control+KeyY');
  await until(page, async () => (await import('/store.js')).state.tags.filter((tag) => tag.state === 'delivered').length === 30);
  await closeConsole(page);
});

test('What is taken back in another call says in which', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyZ');
  await expectTags(page, ['promise-made delivered']);
  await page.keyboard.press('KeyN');
  await page.keyboard.type('by Friday');
  await page.keyboard.press('Enter');
  await expectTags(page, ['promise-made delivered']);
  await openCall(page, desk.calls[0]);
  await page.keyboard.press('Backspace');
  await expectText(page, '#line', /Change undone: .*We promised.* In .*\./);
  await page.keyboard.press('Backspace');
  await until(page, async () => (await import('/store.js')).state.saving === 0);
  assert.equal((await desk.station.tags(call.call_id)).length, 0);
  await closeConsole(page);
});

test('A note being written when the call is changed goes to its tag', async () => {
  const { page, call } = await fresh();
  await page.keyboard.press('KeyQ');
  await page.keyboard.press('KeyN');
  await page.keyboard.type('for the first call');
  await openCall(page, desk.calls[0]);
  await until(page, async () => (await import('/store.js')).state.saving === 0);
  assert.equal((await desk.station.tags(call.call_id))[0].note, 'for the first call');
  await closeConsole(page);
});

test('What was pressed and written while the station is killed survives a reload, once and under its first id', async () => {
  const { page, call } = await fresh();
  await seek(page, 2000);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.keyboard.press('KeyN');
  await page.keyboard.type('half a no');
  await desk.station.killStation();
  await page.keyboard.type('te');
  await page.keyboard.press('Enter');
  await seek(page, 5000);
  await page.keyboard.press('KeyA');
  await expectTags(page, ['wrong-charge unsaved', 'went-beyond unsaved']);
  await expectText(page, '#delivery', /2.* NOT SAVED/);
  const ids = (await tagsOf(page)).map(({ id }) => id);
  await page.keyboard.press('KeyN');
  await page.keyboard.type('a draft');
  await page.evaluate(() => localStorage.setItem('earful.outbox.x', '{ broken'));
  await page.reload().catch(() => {}); // nobody serves the page
  await desk.station.startStation();
  // The browser's own error page may still be on its way, and would take the place of ours.
  for (let away = true, tries = 0; away && tries < 20; tries++) {
    await page.waitForTimeout(100);
    away = await page.goto(`${desk.station.origin}/#call=${call.call_id}`).then(() => false, () => true);
  }
  await openCall(page, call);
  await page.waitForFunction(() => document.querySelector('#note')?.value === 'a draft');
  await expectText(page, '#asleep', /Keys sleep/);
  await page.keyboard.type('!');
  await page.keyboard.press('Enter');
  await expectTags(page, ['wrong-charge delivered', 'went-beyond delivered']);
  const tags = await desk.station.tags(call.call_id);
  assert.deepEqual(tags.map(({ event_id: id, note }) => [id, note]), [[ids[0], 'half a note'], [ids[1], 'a draft!']]);
  await until(page, () => Object.keys(localStorage).filter((key) => key.startsWith('earful.outbox')).join() === 'earful.outbox.x');
  await closeConsole(page);
});

test('What is on its way when the listener changes is finished under the name of who began it', async () => {
  const { page, call } = await fresh();
  let answer;
  const gate = new Promise((resolve) => { answer = resolve; });
  page.meddle = async (route) => { await gate; route.continue(); };
  await page.keyboard.press('KeyZ');
  await page.keyboard.press('KeyN');
  await page.keyboard.type('by Dana');
  await page.keyboard.press('Enter');
  await page.click('#who');
  await page.fill('#new-name', 'Avi Peretz');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500); // for who would not wait for the answer
  answer();
  await expectText(page, '#who', /Avi Peretz/);
  await expectText(page, '#delivery', /1.* NOT SAVED/);
  assert.deepEqual((await desk.station.tags(call.call_id)).map(({ note }) => note), ['']);
  await page.click('#who');
  await page.click('dialog .people button:has-text("Dana Levi")');
  await until(page, async () => { const { state } = await import('/store.js'); return state.unsaved + state.saving === 0; });
  const [tag] = await desk.station.tags(call.call_id);
  const { history } = await desk.station.get(`tags/${tag.event_id}/history`);
  assert.deepEqual(history.map(({ what, listener }) => `${what} ${listener.name}`), ['tagged Dana Levi', 'revised Dana Levi']);
  await closeConsole(page);
});

test('What one listener left unsent is not sent as another’s', async () => {
  const { page, call } = await fresh();
  page.meddle = (route) => route.abort();
  await page.keyboard.press('KeyZ');
  await expectTags(page, ['promise-made unsaved']);
  await page.click('#who');
  await page.fill('#new-name', 'Moshe Katz');
  await page.keyboard.press('Enter');
  await expectText(page, '#who', /Moshe Katz/);
  page.meddle = null;
  await notBounced(page);
  await page.keyboard.press('KeyA');
  await until(page, async () => (await import('/store.js')).state.saving === 0);
  await expectText(page, '#delivery', /1.* NOT SAVED/);
  await page.click('#who');
  await page.click('dialog .people button:has-text("Dana Levi")');
  await until(page, async () => { const { state } = await import('/store.js'); return state.unsaved + state.saving === 0; });
  const tags = await desk.station.tags(call.call_id);
  assert.deepEqual(tags.map(({ kind, listener }) => `${kind} ${listener.name}`).sort(), ['promise-made Dana Levi', 'went-beyond Moshe Katz']);
  await closeConsole(page);
});

test('A tag is changed in the list by keys alone, undone, and everybody sees who changed what', async () => {
  const { page, call } = await fresh();
  await seek(page, 20_000);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge delivered']);
  const [{ start_ms: start, end_ms: end }] = await desk.station.tags(call.call_id);
  await page.keyboard.press('Semicolon');
  await page.waitForSelector('.edit-form select:focus');
  await expectAccessible(page, 'changing a tag');
  await page.keyboard.press('KeyN'); // to the first of its name in the list: keys sleep
  await page.selectOption('.edit-form select', 'idea');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type('an idea, rather');
  await page.keyboard.press('Enter');
  await expectTags(page, ['idea delivered']);
  const [tag] = await desk.station.tags(call.call_id);
  assert.deepEqual([tag.kind, tag.start_ms, tag.end_ms, tag.note], ['idea', start + 500, end - 1000, 'an idea, rather']);
  await page.keyboard.press('Control+KeyZ');
  await expectTags(page, ['wrong-charge delivered']);
  await page.click('.history-show');
  await until(page, () => document.querySelectorAll('.history li').length === 3);
  await expectText(page, '.history li:nth-child(2)', /Dana Levi.*An idea.*“an idea, rather”/);
  await expectText(page, '.history li:nth-child(3)', /Charged wrongly.*Note taken out/);
  await closeConsole(page);
});

test('A colleague’s tag can be changed, not taken back, and Escape leaves it as it was', async () => {
  const { page, call } = await fresh();
  const noa = await desk.station.listener('Noa');
  await desk.station.tagAs(noa, { call_id: call.call_id, kind: 'idea', position_ms: 9000 });
  await page.click('#unfold');
  await expectTags(page, ['idea delivered']);
  assert.equal(await page.locator('.tag button', { hasText: 'Undo' }).count(), 0);
  await page.click('.tag .edit');
  await page.selectOption('.edit-form select', 'fault');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.edit-form', { state: 'detached' });
  await expectTags(page, ['idea delivered']);
  await page.click('.tag .edit');
  await page.selectOption('.edit-form select', 'fault');
  await page.click('.edit-form .primary');
  await expectTags(page, ['fault delivered']);
  await page.click('.history-show');
  await expectText(page, '.history', /Noa.*An idea.*Dana Levi.*Did not work/);
  const [tag] = await desk.station.tags(call.call_id);
  assert.equal(tag.listener.name, 'Noa');
  await closeConsole(page);
});

test('What waits while somebody else takes over is sent under the name of who pressed it', async () => {
  const { page, call } = await fresh();
  const one = await page.evaluate(async () => (await import('/store.js')).state.listener);
  page.meddle = (route) => route.abort();
  await seek(page, 4000);
  await page.keyboard.press('KeyQ');
  await expectTags(page, ['wrong-charge unsaved']);
  await page.evaluate(() => { // the station knows of the other person before the page does
    const ask = window.fetch;
    window.fetch = async (what, options) => {
      if (what.endsWith('/tags')) window.sentTags++;
      const answer = await ask(what, options);
      if (options?.method === 'PUT') {
        window.sentTags = 0;
        await new Promise((go) => { window.goOn = go; });
      }
      return answer;
    };
  });
  await page.click('#who');
  await page.fill('#new-name', 'Ruth Azulay');
  await page.keyboard.press('Enter');
  await until(page, () => window.goOn !== undefined);
  page.meddle = null;
  const sent = await page.evaluate(() => {
    dispatchEvent(new Event('online')); // everything is tried again at once
    window.goOn();
    return window.sentTags;
  });
  assert.equal(sent, 0);
  await expectText(page, '#who', /Ruth Azulay/);
  await page.evaluate(async (listener) => {
    delete window.goOn;
    const back = (await import('/station.js')).beListener(listener);
    while (!window.goOn) await new Promise((done) => { setTimeout(done, 20); });
    window.goOn();
    await back;
  }, one);
  await expectTags(page, ['wrong-charge delivered']);
  assert.deepEqual((await desk.station.tags(call.call_id)).map((tag) => tag.listener.name), ['Dana Levi']);
  await closeConsole(page);
});
