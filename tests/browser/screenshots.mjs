// Pictures of the console's states over the bundled calls, to be looked at with critical eyes:
//   EARFUL_BUILD=build/release node tests/browser/screenshots.mjs FOLDER [PART-OF-A-NAME]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './browser.mjs';
import { hearHour, kSite, tagHour } from './hours.mjs';
import { freePorts, httpsEntrance, kHost, startNetworkBrowser } from './network.mjs';
import { kDesktop, kPhone, openCall, openConsole, openLive, seek } from './page.mjs';
import { makeTalk, makeWeek } from './recordings.mjs';
import { startStation } from './station.mjs';

const [folder, only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const kBilling = 'lon-20261117'; // the call in most pictures

const home = mkdtempSync(path.join(os.tmpdir(), 'earful-pictures-'));
const inbox = path.join(home, 'from-pbx');
mkdirSync(inbox);
const browser = await startNetworkBrowser();
const station = await startStation({
  samples: path.join(root, 'packaging/samples'),
  captures: { 'line-1': 'tone:440?channels=2&gaps=2000-3000:overflow', 'line-2': 'tone:500?channels=2', 'headset': 'no-such-device' },
  inboxes: [inbox, path.join(home, 'second-pbx')],
});
const call = (await station.calls()).find(({ external_id }) => external_id.startsWith(kBilling));
const dana = await station.listener('Dana Levi');
const noa = await station.listener('נועה כהן');
const first = await station.tagAs(dana, { call_id: call.call_id, kind: 'wrong-charge', position_ms: 12_300, note: 'Charged on both cards' });
await station.reviseAs(dana, first.event_id, { note: 'Charged 49.90 on both cards' });
await station.tagAs(noa, { call_id: call.call_id, kind: 'nobody-called-back', position_ms: 21_000 });

async function shot(name, { from = station, as = 'Dana Levi', at = null, full = false, act = null, media = null, ...options } = {}) {
  if (!name.includes(only)) return;
  const page = await openConsole(browser, at ?? `${from.address}&call=${call.call_id}`, { as, ...options });
  if (media) await page.emulateMedia(media);
  if (as && !at && from === station) await openCall(page, call);
  if (act) await act(page);
  await page.mouse.move(0, 0);
  await page.waitForTimeout(700);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: full });
  for (const fault of page.faults) console.log(name, fault);
  await page.context().close();
  console.log(name);
}

// Presses a key at a place, and takes the tag back afterwards so that the next picture starts alike.
const press = (code, ms) => async (page) => {
  await seek(page, ms);
  await page.keyboard.press(code);
};
async function cleared(name, options) {
  await shot(name, options);
  for (const tag of await station.tags(call.call_id)) {
    if (!['wrong-charge', 'nobody-called-back'].includes(tag.kind)) await station.retractAs(dana, tag.event_id);
  }
}

const looks = [['light', {}], ['dark', { dark: true }], ['he', { lang: 'he' }], ['lo', { lang: 'lo' }], ['phone', { size: kPhone, full: true }], ['phone-he', { lang: 'he', size: kPhone, full: true }]];
const openEarly = (page) => page.evaluate(async () => (await import('/listening.js')).openEarly());

// Every page in every language, light and dark, wide and narrow.
const kPages = {
  folded: { as: 'Yael Bar', act: (page) => seek(page, 24_000) },
  desk: { act: async (page) => { await openEarly(page); await press('KeyZ', 27_000)(page); } },
  between: {
    act: async (page) => {
      await page.evaluate(async () => (await import('/store.js')).change({ playOn: true }));
      await seek(page, call.duration_ms - 600);
      await page.keyboard.press('Space');
      await page.waitForSelector('#between');
    },
  },
  who: { as: null },
  keys: { act: (page) => page.keyboard.press('Slash') },
  closed: { as: null, at: `${station.origin}/#token=old` },
  book: { at: `${station.address}&book=wrong-charge`, act: (page) => page.waitForSelector('.book-editor form') },
};
for (const [name, options] of Object.entries(kPages)) {
  for (const lang of ['en-GB', 'he', 'ko', 'lo']) {
    for (const dark of [false, true]) {
      for (const size of [kDesktop, kPhone]) {
        await cleared(`${name}-${lang.slice(0, 2)}-${dark ? 'dark' : 'light'}-${size === kPhone ? 'narrow' : 'wide'}`, { lang, dark, size, full: size === kPhone, ...options });
      }
    }
  }
}
for (const [look, options] of looks) {
  await shot(`history-${look}`, { ...options, act: async (page) => { await openEarly(page); await page.click('.history-show'); await page.waitForSelector('.history li'); } });
  await shot(`change-listener-${look}`, { ...options, act: (page) => page.click('#who') });
  await shot(`remap-${look}`, { ...options, act: async (page) => { await page.keyboard.press('Slash'); await page.locator('.help .cap').first().click(); } });
  await shot(`no-call-${look}`, { ...options, at: `${station.address}&call=00000000-0000-4000-8000-000000000000`, act: (page) => page.waitForSelector('.middle .problem') });
  await cleared(`unsaved-${look}`, { ...options, act: async (page) => { page.meddle = (route) => route.abort(); await press('KeyZ', 27_000)(page); await page.waitForSelector('.lost'); } });
  await shot(`system-colours-${look}`, { ...options, media: { forcedColors: 'active', reducedMotion: 'reduce' }, act: openEarly });
}
const kHalf = { width: kDesktop.width / 2, height: kDesktop.height / 2 }; // as 200 % of the browser shows it
await shot('zoomed', { size: kHalf, act: openEarly });
await shot('zoomed-book-he', { size: kHalf, lang: 'he', ...kPages.book });
await shot('wall', { size: { width: 2560, height: 1440 }, act: (page) => seek(page, 24_000) });
await shot('tablet', { size: { width: 900, height: 1100 }, act: (page) => seek(page, 24_000) });
await shot('all-keys', { act: (page) => page.click('#more-keys') });
await shot('all-keys-he-dark', { lang: 'he', dark: true, act: (page) => page.click('#more-keys') });
await shot('first-run-he-phone', { as: null, lang: 'he', size: kPhone });
await shot('first-run-near', { as: null, act: async (page) => { await page.fill('#new-name', 'dana levy'); await page.keyboard.press('Enter'); } });
await shot('not-saved', { act: async (page) => { page.meddle = (route) => route.abort(); await press('KeyZ', 27_000)(page); } });
await shot('not-saved-he-dark', { lang: 'he', dark: true, act: async (page) => { page.meddle = (route) => route.abort(); await press('KeyZ', 27_000)(page); } });
await shot('range-open', { act: async (page) => { await press('KeyF', 25_000)(page); await seek(page, 29_000); } });
await cleared('undone', { act: async (page) => { await press('KeyZ', 27_000)(page); await page.waitForTimeout(500); await page.keyboard.press('Backspace'); } });
await shot('writing-a-note', { act: (page) => page.keyboard.press('KeyN') });
const change = async (page) => { await page.click('.tag .edit'); await page.focus('#start_ms'); };
for (const lang of ['en-GB', 'he', 'lo']) await shot(`changing-a-tag-${lang.slice(0, 2)}`, { lang, act: change });
await shot('key-taken', { act: async (page) => { await page.keyboard.press('Slash'); await page.locator('.help .cap').nth(2).click(); await page.keyboard.press('KeyQ'); } });
await cleared('serious', { act: async (page) => { await page.click('#more-keys'); await press('Digit3', 9000)(page); } });
await shot('hidden-key', { act: (page) => page.keyboard.press('KeyW') });
await shot('alarm', { act: (page) => page.evaluate(async () => (await import('/store.js')).change({ alarms: [{ code: 'E', message: 'The disk is nearly full: 210 MB are left; free some space, or calls stop being recorded.' }] })) });
const settled = async (condition) => { while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 200)); };
const wanted = (what) => looks.some(([look]) => `${what}-${look}`.includes(only));
if (wanted('live') || wanted('paused')) {
  const { call_id: id } = await station.capture('line-1', 'start');
  const live = (act = () => {}) => async (page) => { await openLive(page, id); await page.waitForSelector('.notes li'); await act(page); };
  for (const [look, options] of looks) await shot(`live-${look}`, { ...options, act: live() });
  await shot('live-dark-behind', { dark: true, act: live((page) => seek(page, 1000)) });
  await station.capture('line-1', 'pause');
  for (const [look, options] of looks) await shot(`paused-${look}`, { ...options, act: live() });
  await station.capture('line-1', 'stop');
}
if (wanted('failed')) {
  await station.capture('headset', 'start');
  for (const [look, options] of looks) await shot(`failed-${look}`, options);
}
if (wanted('measures')) {
  makeTalk(inbox);
  let talk;
  await settled(async () => { talk = (await station.calls()).find(({ queue }) => queue === 'from-pbx'); return talk; });
  const unfold = async (page) => { await openCall(page, talk); await page.click('.measures summary'); await page.keyboard.press('KeyU'); };
  for (const [look, options] of looks) await shot(`measures-${look}`, { ...options, act: unfold });
}
if (wanted('inbox')) {
  writeFileSync(path.join(inbox, 'agent-17_2026-11-17_14-05-00_a-rather-long-name.wav'), 'no recording\n'.repeat(9));
  writeFileSync(path.join(inbox, 'empty.wav'), '');
  await settled(async () => (await station.get('inbox')).inboxes[0].refused_count === 2);
  for (const [look, options] of looks) await shot(`inbox-${look}`, options);
}
// The pages of the listening hour, of a leader who is half through it and one who has heard all, and of one who takes calls.
if (['hour', 'strip', 'note', 'thanks', 'cadence', 'mine', 'revoked'].some((what) => what.includes(only) || only.startsWith(`${what}-`))) {
  const [port] = await freePorts(1);
  const elsewhere = `https://${kHost}:${port}`;
  const week = await startStation({ recordings: makeWeek(path.join(home, 'week'), 14, 4), settings: (own) => kSite + httpsEntrance(own, port) });
  const [half, all] = [await week.listener('Dana Levi'), await week.listener('Noa Cohen')];
  await hearHour(week, half, { calls: 5, skip: 3 });
  const hour = await hearHour(week, all);
  await tagHour(week, all, hour);
  await week.tagAs(all, { call_id: hour.calls.find((one) => one.agent_name === 'Maya Brandt').call_id, kind: 'went-beyond', position_ms: 500, note: 'Stayed on the line until it was paid.' });
  const { open } = await week.getAs(all, 'thanks');
  await week.postAs(all, `tags/${open[0].event_id}/thanked`, { how: 'visit', words: 'Thank you for staying on the line.' });
  const at = (hash, ready, more = () => {}) => async (page) => {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await page.waitForSelector(ready);
    await more(page);
  };
  const unfold = (page) => page.$$eval('.hour-page details', (all) => { for (const one of [all[0], all[3], all.at(-1)]) one.open = true; });
  const pages = {
    hour: { as: 'Dana Levi', act: at('#/hour', '#hour-go', unfold) },
    strip: { as: 'Dana Levi', act: at('#/hour', '#hour-go', async (page) => { await page.click('#hour-go'); await page.waitForSelector('.hour-strip'); }) },
    note: { as: 'Noa Cohen', act: at(`#/hour/${hour.hour_id}`, '.note-page') },
    thanks: { as: 'Noa Cohen', act: at('#/thanks', '.thank') },
    cadence: { as: 'Noa Cohen', act: at('#/cadence', '.leader') },
    mine: { as: null, at: week.says('listener add', 'Maya Brandt', '--agent', open[0].agent_ref, '--public-origin', elsewhere).trim() },
    revoked: { as: null, at: `${elsewhere}/#token=old` },
  };
  for (const [name, options] of Object.entries(pages)) {
    for (const lang of ['en-GB', 'he', 'ko', 'lo']) {
      for (const [look, more] of [['light', {}], ['dark', { dark: true }], ['narrow', { size: kPhone }], ['zoomed', { size: kHalf }]]) {
        await shot(`${name}-${lang.slice(0, 2)}-${look}`, { from: week, at: week.address, full: true, lang, ...more, ...options });
      }
    }
  }
  for (const lang of ['en-GB', 'he', 'ko', 'lo']) await shot(`note-${lang.slice(0, 2)}-printed`, { from: week, at: week.address, full: true, lang, size: { width: 680, height: 1024 }, ...pages.note, media: { media: 'print' } });
  await week.stop();
}
await station.stopCollector();
await cleared('collector-away', { act: press('KeyZ', 27_000) });
await shot('station-away', { act: async (page) => { await station.stopStation(); await press('KeyE', 30_000)(page); await page.waitForTimeout(1500); } });
await station.stop();
if ('first-run-nobody empty'.includes(only) || only === '') {
  const empty = await startStation({ recordings: 0 });
  await shot('first-run-nobody', { from: empty, as: null, at: empty.address });
  await shot('empty', { from: empty, at: empty.address });
  await empty.stop();
}
// The one the README shows: a station as packaging/demo starts it.
if ('readme'.includes(only)) {
  const demo = await startStation({ samples: path.join(root, 'packaging/samples') });
  const one = (await demo.calls()).find(({ external_id }) => external_id.startsWith(kBilling));
  const [me, her] = [await demo.listener('Dana Levi'), await demo.listener('נועה כהן')];
  await demo.tagAs(me, { call_id: one.call_id, kind: 'wrong-charge', position_ms: 12_300, note: 'Charged 49.90 on both cards' });
  await demo.tagAs(her, { call_id: one.call_id, kind: 'nobody-called-back', position_ms: 21_000 });
  await shot('readme', { from: demo, at: `${demo.address}&call=${one.call_id}`, act: kPages.desk.act, size: { width: 1400, height: 960 } });
  await demo.stop();
}
await browser.close();
rmSync(home, { recursive: true, force: true });
