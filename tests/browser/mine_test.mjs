// The page of somebody who takes calls: the link that the station's command prints, opened from elsewhere, shows which
// of their calls were heard and every thank-you, and opens nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { expectText, hearHour, kSite } from './hours.mjs';
import { freePorts, httpsEntrance, kHost, startNetworkBrowser } from './network.mjs';
import { closeConsole, expectAccessible, kDesktop, kPhone, openConsole } from './page.mjs';
import { makeWeek } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kCalls = 6; // of two agents, in turn
const kSeconds = 2;

let home;
let browser;
let station;
let origin;
let noa;
let calls; // by external id
let link;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-mine-'));
  const [port] = await freePorts(1);
  origin = `https://${kHost}:${port}`;
  [browser, station] = await Promise.all([startNetworkBrowser(),
    startStation({ recordings: makeWeek(home, kCalls, kSeconds), settings: (folder) => kSite + httpsEntrance(folder, port) })]);
  calls = Object.fromEntries((await station.calls()).map((call) => [call.external_id, call]));
  noa = await station.listener('Noa Cohen');
  await hearHour(station, noa, { calls: kCalls - 1 }); // not the last one of them, whose it is
  const tag = (call, kind, note) => station.tagAs(noa, { call_id: calls[call].call_id, kind, position_ms: 1000, note });
  const { event_id: thanked } = await tag('week-0', 'went-beyond', 'She stayed on the line until it was paid.');
  await station.postAs(noa, `tags/${thanked}/thanked`, { how: 'visit', words: 'Thank you for your patience.' });
  await tag('week-2', 'went-beyond');
  await tag('week-2', 'solved-on-spot');
  await tag('week-0', 'wrong-charge', 'fee taken twice');
  await tag('week-1', 'went-beyond', 'That was Tom.');
  await eventually(async () => (await station.getAs(noa, 'thanks')).open.length === 2);
  link = linkFor('Maya Brandt', 'a17');
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

const linkFor = (name, ref) => station.says('listener add', name, ...(ref ? ['--agent', ref] : []), '--public-origin', origin).trim();

const open = async (address, { size = kDesktop, lang = 'en-GB', dark = false } = {}) => {
  const context = await browser.newContext({ viewport: size, locale: lang, colorScheme: dark ? 'dark' : 'light' });
  return openConsole(browser, address, { context });
};

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent.replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim()));

test('The link shows which of their calls were heard and every thank-you, and nothing else', async () => {
  const page = await open(link);
  await expectText(page, 'h1', /^Welcome, Maya Brandt$/);
  assert.ok(!page.url().includes('token'));
  const hour = (await station.getAs(noa, 'hour')).calls;
  const heard = hour.filter((call) => call.heard && call.agent_name === 'Maya Brandt');
  assert.ok(heard.length >= 2);
  const shown = await texts(page, '.hours li');
  assert.equal(shown.length, heard.length);
  for (const one of shown) assert.match(one, /^billing .*heard on /);
  const [made, open_] = await texts(page, '.thanked li');
  assert.match(made, /^Went beyond .*She stayed on the line until it was paid\..*Noa Cohen thanked you, .*Thank you for your patience\.$/);
  assert.match(open_, /^Went beyond billing · [^“]*$/);
  assert.equal(await page.locator('.thanked li').count(), 2);
  const whole = await page.textContent('#app');
  assert.doesNotMatch(whole, /fee taken twice|Charged|Decided|Tom|support/);
  assert.deepEqual(await texts(page, 'header .tools > :is(button, span)'), ['Maya Brandt', 'Dark']);
  assert.equal(await page.locator('nav, dialog, .desk').count(), 0);
  const asked = page.asked.filter((line) => line.includes('/api/'));
  assert.deepEqual([...new Set(asked.map((line) => line.replace(origin, '')))].sort(), ['GET /api/v1/mine 200', 'GET /api/v1/session 200', 'POST /api/v1/session 200']);
  await closeConsole(page);
});

test('Every other path and key leads nowhere, and everything else that is asked gets one plain refusal', async () => {
  const page = await open(link);
  await page.waitForSelector('.hours');
  for (const key of ['Backslash', 'Slash', 'Quote', 'Space', 'KeyQ', 'Escape', 'Enter']) await page.keyboard.press(key);
  const { call_id: call } = calls['week-0'];
  for (const hash of ['#/hour', '#/thanks', '#/cadence', '#book', `#call=${call}`, '#t=1,2']) await page.evaluate((to) => { location.hash = to; }, hash);
  assert.deepEqual([await page.locator('.hours').count(), await page.locator('main').count(), await page.locator('.desk, dialog, nav').count()], [1, 1, 0]);
  await page.goto(`${origin}/calls/${call}#t=1,2`);
  await expectText(page, 'h1', /^Welcome, Maya Brandt$/);

  const [{ event_id: tag }] = await station.tags(call);
  const { hour_id: hour } = await station.getAs(noa, 'hour');
  const wanted = [
    ...['calls', 'filters', `calls/${call}`, `calls/${call}/audio`, `calls/${call}/peaks`, `calls/${call}/customer`, `calls/${call}/export?format=csv`, `calls/${call}/live`,
      `calls/${call}/clip?from=0&to=1000`, `tags/${tag}/clip`, `tags/${tag}/history`, 'tags', 'listeners', 'inbox', 'captures', 'tagbook', 'events', 'hour', 'hours', `hours/${hour}`,
      `hours/${hour}/note`, `hours/${hour}/frame`, 'thanks', 'cadence'].map((what) => ['GET', what]),
    ...['tags', `tags/${tag}/retract`, `tags/${tag}/thanked`, 'listening', 'hour', `hours/${hour}/words`, 'listeners', 'tagbook/kinds', 'cadence/weeks/2026-11-22',
      'captures/desk/start'].map((what) => ['POST', what]),
    ['PUT', 'session'],
  ];
  const answers = await page.evaluate((all) => Promise.all(all.map(async ([method, what]) => {
    const answer = await fetch(`/api/v1/${what}`, { method, headers: { 'X-Earful': '1', 'Content-Type': 'application/json' }, body: method === 'GET' ? undefined : '{}' });
    return [answer.status, await answer.text()];
  })), wanted);
  const refusal = JSON.stringify({ error: { code: 'E_AGENT', message: 'Your link shows what was heard of your own calls, and nothing else.' } });
  for (const [i, answer] of answers.entries()) assert.deepEqual(answer, [403, refusal], wanted[i].join(' '));
  const others = await page.evaluate(async () => Promise.all(['/metrics', '/readyz', '/api/v1/', '/api/v1/mine/all', '/links.json'].map(async (what) => (await fetch(what)).status)));
  assert.deepEqual([...new Set(others)], [404]);
  await closeConsole(page);
});

test('It reads well in every language, by day and night, on a desk and on a phone', async () => {
  for (const [lang, size] of [['en-GB', kPhone], ['he', kPhone], ['ko', kDesktop], ['lo', kPhone]]) {
    const page = await open(link, { lang, size });
    const said = await page.evaluate(async (code) => (await import(`/i18n/${code}.js`)).default, lang.slice(0, 2));
    await page.waitForSelector('.hours');
    const whole = await page.textContent('main');
    for (const key of ['mine_why', 'mine_calls', 'thanks']) assert.ok(whole.includes(said[key]), `${key} in ${lang}`);
    assert.equal(await page.evaluate(() => document.documentElement.dir), lang === 'he' ? 'rtl' : 'ltr');
    if (size === kPhone && lang !== 'lo') await expectAccessible(page, `an agent's page in ${lang}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, lang);
    await closeConsole(page);
  }
});

test('Nothing heard and nobody thanked is said kindly; it is looked at again by who comes back to it', async () => {
  const page = await open(linkFor('Ann New', 'a99'));
  await expectText(page, 'main', /None yet\. When somebody thanks you, it stands here\..*None of your calls was heard yet\./);
  let answer = (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":"E_DISK","message":"Reading: disk I/O error."}}' });
  await page.route('**/api/v1/mine', (route) => answer(route));
  await page.reload();
  await expectText(page, '.problem', /^Your calls could not be read: +Reading: disk/);
  answer = (route) => route.continue();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expectText(page, 'main', /None of your calls was heard yet/);
  assert.equal(await page.locator('.problem').count(), 0);
  await closeConsole(page);
});

test('Another person’s link in the same tab opens what is theirs', async () => {
  const page = await open(link);
  await page.waitForSelector('.hours');
  await page.evaluate((to) => { location.hash = to; }, new URL(linkFor('Dana Levi')).hash);
  await page.waitForSelector('main.desk');
  await expectText(page, '#who', /^Dana Levi$/);
  await page.evaluate((to) => { location.hash = to; }, new URL(link).hash);
  await expectText(page, 'h1', /^Welcome, Maya Brandt$/);
  assert.equal(await page.locator('.desk').count(), 0);
  await closeConsole(page);
});

test('A link that was revoked says so in one sentence, to who has it open and to who opens it', async () => {
  const gone = linkFor('Tom Reed', 'a18');
  const page = await open(gone, { lang: 'he' });
  await page.waitForSelector('.hours');
  station.says('listener remove', 'Tom Reed');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expectText(page, 'h1', /^יש לפתוח את הקישור האישי$/);
  assert.doesNotMatch(await page.textContent('#app'), /Tom|billing|support/);
  await closeConsole(page);
  for (const [lang, said] of [['en-GB', /^This link no longer works\s*Please ask whoever gave it to you for a new one\.$/], ['he', /^הקישור הזה כבר אינו פעיל\s*\S.*\.$/]]) {
    const late = await open(gone, { lang, size: kPhone });
    await expectText(late, 'main', said);
    await expectAccessible(late, `a revoked link in ${lang}`);
    await closeConsole(late);
  }
});

test('A listener whose link is revoked while they listen is told of the link, not of an address', async () => {
  const page = await open(linkFor('Yael Bar'));
  await page.waitForSelector('main.desk');
  station.says('listener remove', 'Yael Bar');
  await station.tagAs(noa, { call_id: calls['week-3'].call_id, kind: 'long-wait', position_ms: 500 }); // a stream ends when it would tell something
  await expectText(page, 'h1', /^Open your personal link$/);
  await closeConsole(page);
});
