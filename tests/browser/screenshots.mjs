// Pictures of the console's states, to be looked at: node screenshots.mjs FOLDER [NAME-PART]
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startBrowser } from './browser.mjs';
import { startMock } from './mock_station.mjs';

const [folder, only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const kDana = { id: '00000000-0000-7000-8000-000000000001', name: 'Dana Levi' };
const kNoa = { id: '00000000-0000-7000-8000-000000000002', name: 'נועה כהן' };
const kDesktop = { width: 1400, height: 900 };
const kPhone = { width: 390, height: 844 };

async function shot(browser, name, { lang = 'en', dark = false, size = kDesktop, known = [kDana, kNoa], as = kDana, full = false, mock: options = {}, prepare, act } = {}) {
  if (!name.includes(only)) return;
  const mock = await startMock({ listeners: [...known], ...options });
  mock.me = as;
  const context = await browser.newContext({ viewport: size, locale: lang === 'en' ? 'en-GB' : lang, colorScheme: dark ? 'dark' : 'light', deviceScaleFactor: 1, hasTouch: size === kPhone });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log(name, error.stack));
  page.on('console', (message) => message.type() === 'error' && console.log(name, message.text()));
  await prepare?.(mock, page);
  await page.goto(mock.open ?? mock.address);
  await page.waitForTimeout(900);
  await act?.(page, mock);
  await page.waitForTimeout(500);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: full });
  await context.close();
  await mock.stop();
  console.log(name);
}

// A call of the billing queue, half heard, with tags of two people.
function withTags(mock) {
  const call = mock.calls.find((each) => each.external_id.includes('20261117')) ?? mock.calls[0];
  const tag = (kind, at, from, to, extra) => mock.addTag(call, {
    event_id: `01a203db-00e6-7819-9396-${String(at).padStart(12, '0')}`, kind, position_ms: at, start_ms: from, end_ms: to, note: '', listener: kDana, own: true, seq: ++mock.seq, ...extra });
  tag('wrong-charge', 9800, 2000, 14800, { note: 'Charged 49.90 on both cards' });
  tag('nobody-called-back', 19000, 11000, 23000, { listener: kNoa, own: false, seq: 0 });
  mock.delivered = mock.seq;
  mock.open = `${mock.address}&call=${call.call_id}`;
}

const heard = async (page, ms = 24_000) => {
  await page.locator('.place').click({ position: { x: (await page.locator('.place').boundingBox()).width * (ms / 43_900), y: 90 } });
};

const browser = await startBrowser();
for (const lang of ['en', 'he', 'ko', 'lo']) {
  for (const dark of [false, true]) {
    await shot(browser, `desk-${lang}-${dark ? 'dark' : 'light'}`, { lang, dark, prepare: withTags, act: async (page) => { await heard(page); await page.keyboard.press('KeyZ'); } });
  }
}
for (const lang of ['en', 'he']) {
  await shot(browser, `phone-${lang}`, { lang, size: kPhone, full: true, prepare: withTags, act: (page) => heard(page) });
}
await shot(browser, 'all-keys', { prepare: withTags, act: (page) => page.click('#more-keys') });
await shot(browser, 'all-keys-he-dark', { lang: 'he', dark: true, prepare: withTags, act: (page) => page.click('#more-keys') });
await shot(browser, 'first-run-nobody', { known: [], as: null });
await shot(browser, 'first-run-known', { as: null });
await shot(browser, 'first-run-near', { as: null, act: async (page) => { await page.fill('#new-name', 'dana levy'); await page.keyboard.press('Enter'); } });
await shot(browser, 'first-run-he-phone', { lang: 'he', size: kPhone, as: null });
await shot(browser, 'collector-away', { prepare: (mock) => { withTags(mock); mock.link = 'down'; }, act: async (page) => { await heard(page); await page.keyboard.press('KeyZ'); await page.keyboard.press('KeyE'); } });
await shot(browser, 'not-saved', { prepare: withTags, act: async (page, mock) => { await heard(page); mock.fail = (method) => method === 'POST'; await page.keyboard.press('KeyZ'); } });
await shot(browser, 'not-saved-he-dark', { lang: 'he', dark: true, prepare: withTags, act: async (page, mock) => { await heard(page); mock.fail = (method) => method === 'POST'; await page.keyboard.press('KeyZ'); } });
await shot(browser, 'range-open', { prepare: withTags, act: async (page) => { await heard(page); await page.keyboard.press('KeyF'); await page.keyboard.press('ArrowRight'); } });
await shot(browser, 'undone', { prepare: withTags, act: async (page) => { await page.keyboard.press('Backspace'); } });
await shot(browser, 'writing-a-note', { prepare: withTags, act: async (page) => { await page.keyboard.press('KeyN'); } });
await shot(browser, 'alarm', { prepare: withTags, act: (page, mock) => mock.emit('alarm', { code: 'E_FULL', message: 'The disk is nearly full: 210 MB are left; free some space, or calls stop being recorded.' }) });
await shot(browser, 'hidden-key', { prepare: withTags, act: (page) => page.keyboard.press('KeyW') });
await shot(browser, 'empty', { mock: { empty: true } });
await shot(browser, 'no-session', { prepare: (mock) => { mock.open = `${mock.origin}/#token=old`; } });
await shot(browser, 'hostile', { mock: { hostile: true } });
await shot(browser, 'help', { act: (page) => page.keyboard.press('Slash') });
await shot(browser, 'help-he-dark', { lang: 'he', dark: true, act: (page) => page.keyboard.press('Slash') });
await browser.close();
