// The tag book's page: what one person changes is on everybody's console and keys, and who only has a
// keyboard, reads Hebrew or holds a phone can do it all.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { closeConsole, expectAccessible, expectTags, expectText, kPhone, openCall, openConsole, until } from './page.mjs';
import { startStation } from './station.mjs';

let browser;
let station;
let calls;

before(async () => {
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings: 4 })]);
  calls = await station.calls();
});

after(async () => {
  await browser?.close();
  await station?.stop();
});

const kindOf = async (id) => (await station.get('tagbook')).kinds.find((kind) => kind.id === id);

async function openBook(options = {}, at = '#book') {
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', ...options });
  await page.evaluate((hash) => { location.hash = hash; }, at);
  await page.waitForSelector('main.book');
  return page;
}

const row = (id) => `.book-row[data-kind="${id}"]`;
const rowsOf = (page, family) => page.$$eval(`section[aria-labelledby="family-${family}"] .book-row`, (rows) => rows.map((one) => one.dataset.kind));

test('A kind is made by keyboard alone, and is on another listener’s keys at once', async () => {
  const other = await openConsole(browser, station.address, { as: 'Noa' });
  await openCall(other, calls[0]);
  const page = await openConsole(browser, station.address, { as: 'Dana Levi' });
  await openCall(page, calls[0]);
  await page.keyboard.press('Quote');
  await until(page, () => document.activeElement.matches('.book-row'));
  await page.focus('#book-new');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#label-en');
  await page.click('#book-close');
  await until(page, () => document.activeElement.id === 'book-new');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#label-en');
  await page.focus('#label-en');
  await page.keyboard.type('Parking');
  await page.focus('#kind-key');
  await page.selectOption('#kind-key', 'Digit4');
  await page.check('.tick input');
  await page.focus('#label-en');
  await page.keyboard.press('Enter');
  await until(page, () => location.hash === '#book=parking');
  await other.waitForSelector('#key-parking');
  await other.keyboard.press('Digit4');
  await expectTags(other, ['parking delivered']);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Escape');
  await until(page, () => document.activeElement.dataset.kind === 'parking');
  await page.keyboard.press('Escape');
  await until(page, () => document.activeElement.id === 'play');
  await page.click('#unfold'); // somebody else's tag on a call not yet heard
  await expectText(page, '#tags', /Parking/);
  await closeConsole(page);
  await closeConsole(other);
});

test('A merge is seen on another listener’s tags and keys', async () => {
  const other = await openConsole(browser, station.address, { as: 'Noa' });
  await openCall(other, calls[1]);
  await other.keyboard.press('KeyA');
  await expectTags(other, ['went-beyond delivered']);
  const page = await openBook({}, '#book=went-beyond');
  await page.selectOption('#merge-into', 'idea');
  await expectText(page, '.ask', /will count as.*An idea/);
  await page.click('#fate-yes');
  await other.waitForSelector('#key-went-beyond', { state: 'detached' });
  await expectText(other, '#tags li b', /An idea/);
  await until(page, () => location.hash === '#book=idea');
  assert.equal((await kindOf('went-beyond')).merged_into, 'idea');
  await closeConsole(page);
  await closeConsole(other);
});

test('A name that is near another is said while it is typed, and taken only when it is meant', async () => {
  const page = await openBook({}, '#book=%2B');
  await page.fill('#label-en', 'long  WAIT');
  await expectText(page, '.near', /Long wait/);
  await page.click('.book-editor button.primary');
  await expectText(page, '.ask', /There is .*Long wait.* already/);
  await expectAccessible(page, 'a near name');
  await page.click('.ask button.primary');
  await until(page, () => document.activeElement.dataset.kind === 'long-wait');
  await page.click('#book-new');
  await page.click('.book-editor button.primary');
  await page.click('.ask button:not(.primary)');
  await until(page, () => location.hash === '#book=long-wait-2');
  await page.click('#retire');
  await page.click('#fate-yes');
  await until(page, () => document.activeElement.id === 'restore');
  assert.equal((await kindOf('long-wait-2')).retired, true);
  await page.click('#restore');
  await page.waitForSelector('#retire');
  assert.equal((await kindOf('long-wait-2')).retired, false);
  await closeConsole(page);
});

test('Kinds are moved with Alt and the arrows, and the focus goes with them', async () => {
  const page = await openBook();
  await page.evaluate(async (ids) => { // two at one place, as changes apart may leave them
    for (const id of ids) await (await import('/api.js')).put(`tagbook/kinds/${id}`, { order: 0, revision: 1 });
    await (await import('/book_station.js')).loadBook();
  }, (await rowsOf(page, 'response')).slice(0, 2));
  const before = await rowsOf(page, 'response');
  await page.focus(row(before[1]));
  await page.keyboard.press('Alt+ArrowUp');
  await until(page, (id) => document.querySelector('section[aria-labelledby="family-response"] .book-row').dataset.kind === id, before[1]);
  await until(page, (id) => document.activeElement.dataset.kind === id, before[1]);
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.kind), before[0]);
  await closeConsole(page);
});

test('What somebody else changed meanwhile is not overwritten unasked, and what was typed stays', async () => {
  const page = await openBook({}, '#book=serious');
  await page.fill('#hint-en', 'What I typed');
  const other = await openBook({ as: 'Noa' }, '#book=serious');
  await other.fill('#hint-en', 'What Noa typed');
  await other.click('.book-editor form button.primary');
  await until(other, async () => (await import('/store.js')).state.kinds.find(({ id }) => id === 'serious').hint === 'What Noa typed');
  await closeConsole(other);
  await until(page, async () => (await import('/store.js')).state.kinds.find(({ id }) => id === 'serious').hint === 'What Noa typed');
  await page.click(row('fault'));
  await page.click(row('serious'));
  assert.equal(await page.inputValue('#hint-en'), 'What I typed');
  await page.click('.book-editor form button.primary');
  await expectText(page, '.ask', /Somebody else has changed/);
  assert.equal((await kindOf('serious')).hint, 'What Noa typed');
  await page.click('.ask button:last-of-type');
  await until(page, async () => (await import('/store.js')).state.kinds.find(({ id }) => id === 'serious').hint === 'What I typed');
  assert.equal(await page.locator('.ask').count(), 0);
  await closeConsole(page);
});

test('What is typed while a change is saved stays, and who left meanwhile is not called back', async () => {
  const page = await openBook({}, '#book=fault');
  const change = (fields) => page.evaluate(async (changes) => { // as somebody else would
    const { state } = await import('/store.js');
    const { revision } = state.kinds.find(({ id }) => id === 'fault');
    await (await import('/api.js')).put('tagbook/kinds/fault', { ...changes, revision });
    await (await import('/book_station.js')).loadBook();
  }, fields);
  const hold = async () => { // the next change, until what is given is called
    let arrived;
    const held = new Promise((resolve) => { arrived = resolve; });
    await page.route('**/api/v1/tagbook/kinds/fault', (route) => arrived(() => route.continue()), { times: 1 });
    return held;
  };
  const about = () => page.textContent(`${row('fault')} .about`);

  await page.focus('#label-en');
  await page.keyboard.press('End');
  await page.keyboard.type('x');
  assert.match(await about(), /not saved/);
  await page.keyboard.press('Backspace');
  await change({ labels: { en: 'Broken again' } });
  assert.equal(await page.inputValue('#label-en'), 'Broken again', 'what is as it was is nobody’s change');
  assert.doesNotMatch(await about(), /not saved/);

  await page.fill('#kind-lead_ms', '');
  await change({ severity: 3 });
  assert.equal(await page.inputValue('#kind-lead_ms'), '', 'what was emptied is not filled again');
  await page.click('.book-editor form .acts button:not(.primary)');
  assert.notEqual(await page.inputValue('#kind-lead_ms'), '');
  await page.fill('#kind-lead_ms', '');
  await page.focus('#kind-lead_ms');
  await page.keyboard.type('2.5');
  assert.equal(await page.inputValue('#kind-lead_ms'), '2.5');

  await page.fill('#hint-en', 'First');
  let held = hold();
  await page.keyboard.press('Enter');
  let letGo = await held;
  await page.fill('#hint-en', 'Second');
  await letGo();
  await until(page, async () => (await import('/store.js')).state.said === 'Saved in the tag book.');
  assert.deepEqual([(await kindOf('fault')).hint, (await kindOf('fault')).lead_ms], ['First', 2500]);
  assert.equal(await page.inputValue('#hint-en'), 'Second');
  assert.match(await about(), /not saved/);

  held = hold();
  await page.keyboard.press('Enter');
  letGo = await held;
  await page.evaluate(async () => {
    (await import('/store.js')).change({ said: '' });
    location.hash = '';
  });
  await page.waitForSelector('main.desk');
  await letGo();
  await until(page, async () => (await import('/store.js')).state.said === 'Saved in the tag book.');
  assert.equal((await kindOf('fault')).hint, 'Second');
  assert.equal(new URL(page.url()).hash, '');
  await closeConsole(page);
});

test('A name that is meant is saved over what somebody else changed', async () => {
  const page = await openBook({}, '#book=fault');
  await page.fill('#label-en', 'An idea');
  await page.evaluate(async () => {
    const { revision } = (await import('/store.js')).state.kinds.find(({ id }) => id === 'fault');
    await (await import('/api.js')).put('tagbook/kinds/fault', { severity: 0, revision });
  });
  await page.click('.book-editor form button.primary');
  await expectText(page, '.ask', /Somebody else has changed/);
  await page.click('.ask button:last-of-type');
  await expectText(page, '.ask', /There is .*An idea.* already/);
  await page.click('.ask button:not(.primary)');
  await until(page, async () => (await import('/store.js')).state.said === 'Saved in the tag book.');
  const { labels, severity } = await kindOf('fault');
  assert.deepEqual([labels.en, severity], ['An idea', 0], 'and what was not touched is theirs');
  await closeConsole(page);
});

test('When to press is said in the language of the page, or else in the one there is', async () => {
  const editor = await openBook({}, '#book=policy-in-way');
  await editor.fill('#hint-he', 'כשכלל עומד בדרך');
  await editor.click('.book-editor form button.primary');
  await until(editor, async () => (await import('/store.js')).state.said === 'Saved in the tag book.');
  await editor.evaluate(async () => {
    const { revision } = (await import('/store.js')).state.kinds.find(({ id }) => id === 'no-authority');
    await (await import('/api.js')).put('tagbook/kinds/no-authority', { hints: { he: '' }, revision });
  });
  await closeConsole(editor);
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', lang: 'he' });
  await openCall(page, calls[3]);
  assert.equal(await page.getAttribute('#key-policy-in-way', 'title'), 'כשכלל עומד בדרך');
  await page.keyboard.press('Slash');
  await page.waitForSelector('#help-title');
  const told = (name) => page.locator('.help > div', { hasText: name }).locator('dd > .soft').first().evaluate(({ lang, textContent }) => [lang, textContent]);
  assert.deepEqual(await told('נוהל או מערכת מפריעים'), ['he', 'כשכלל עומד בדרך']);
  assert.deepEqual(await told('חיוב שגוי'), ['he', (await kindOf('wrong-charge')).hints.he]);
  assert.deepEqual(await told('אין סמכות להחליט'), ['en', (await kindOf('no-authority')).hint]);
  await closeConsole(page);
});

test('An answer about the book that comes late does not bring the old one back', async () => {
  const page = await openBook();
  let late;
  const held = new Promise((resolve) => { late = resolve; });
  await page.route('**/api/v1/tagbook', async (route) => {
    const answer = await route.fetch();
    late(() => route.fulfill({ response: answer, json: { kinds: [] } }));
  }, { times: 1 });
  const done = page.evaluate(async () => (await import('/book_station.js')).loadBook());
  const letGo = await held;
  await page.evaluate(async () => (await import('/book_station.js')).loadBook());
  await letGo();
  await done;
  assert.ok(await page.locator('.book-row').count());
  await closeConsole(page);
});

test('Two names of one person become one, on the tags as well', async () => {
  const cookie = await station.listener('omer');
  await station.listener('Omer');
  await station.tagAs(cookie, { call_id: calls[2].call_id, kind: 'fault', position_ms: 500 });
  const page = await openBook();
  await page.locator('.people-near button').filter({ hasText: /Omer/ }).click();
  await expectText(page, '.people-near .ask', /All tags of .*omer.* become those of .*Omer/);
  await page.click('#people-yes');
  await page.waitForSelector('.people-near', { state: 'detached' });
  await openCall(page, calls[2]);
  await page.click('#unfold');
  await expectText(page, '#tags', /Omer/);
  await closeConsole(page);
});

test('A hostile name neither runs nor breaks the page', async () => {
  const name = `<img src=x onerror=alert(1)>${'W'.repeat(170)}`;
  const [cookie, path] = [await station.listener('Mallory'), `${station.origin}/api/v1/tagbook/kinds`];
  const answer = await fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Cookie: cookie, 'X-Earful': '1' },
    body: JSON.stringify({ id: 'hostile', family: 'idea', labels: { en: name, he: name }, sets: ['hour', 'desk'], key: 'Digit5' }),
  });
  assert.equal(answer.status, 201);
  for (const options of [{}, { lang: 'he', size: kPhone }]) {
    const page = await openBook(options, '#book=hostile');
    await expectText(page, '#kind-title', /<img src=x/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out of the book');
    assert.equal(await page.locator('main img').count(), 0);
    await page.evaluate((id) => { location.hash = `#call=${id}`; }, calls[0].call_id);
    await page.waitForSelector('#key-hostile');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out of the desk');
    assert.ok(await page.locator('#key-hostile').evaluate((key) => key.getBoundingClientRect().height < 120));
    await closeConsole(page);
  }
});

for (const lang of ['en-GB', 'he', 'ko', 'lo']) {
  test(`The page of the book is accessible (${lang})`, async () => {
    const page = await openBook({ lang, dark: lang === 'he', size: lang === 'lo' ? kPhone : undefined }, '#book=fault');
    await page.waitForSelector('#label-en');
    await expectAccessible(page, `the book (${lang})`);
    await closeConsole(page);
  });
}

test('Who may not change the book can read it', async () => {
  const page = await openBook({}, '#book=fault');
  await page.evaluate(async () => (await import('/store.js')).change({ mayEdit: false }));
  await page.waitForSelector('#label-en:disabled');
  for (const gone of ['#book-new', '#retire', '.book-editor form button.primary']) assert.equal(await page.locator(gone).count(), 0, gone);
  await closeConsole(page);
});
