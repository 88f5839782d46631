// Ten thousand texts that want to be more than text (hostile_corpus.mjs) as names, notes, labels, facts, file names,
// addresses and searches, through the real programs: none runs, none asks anybody else, none breaks the page or a file
// for other programs. What the station does not take it refuses in one clear line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { plain } from '../../agent/console/plain.js';
import { startBrowser } from './browser.mjs';
import { hostileTexts } from './hostile_corpus.mjs';
import { kDesktop, kPhone, openCall, openConsole, until } from './page.mjs';
import { makeClicks, makeRecordings } from './recordings.mjs';
import { eventually, startStation } from './station.mjs';

const kNames = hostileTexts(5400, 1);  // of listeners
const kNotes = hostileTexts(3000, 2);
const kLabels = hostileTexts(1000, 3); // five to a kind: four languages and its hint
const kFacts = hostileTexts(300, 4);   // ten to a call
const kFiles = hostileTexts(200, 5);   // half of recordings, half of what is refused
const kTyped = hostileTexts(100, 6);   // addresses of calls and kinds, searches
const kPerCall = 500;                  // notes on one page
const kFields = ['external_id', 'queue', 'team', 'agent_ref', 'agent_name', 'customer_id', 'customer_tier', 'language'];

const count = { taken: 0, refused: 0 };
const noted = new Map();  // event id -> the note that was taken
const kinds = [];         // ids of those with hostile labels
const listeners = [];
let browser;
let station;
let home;
let api;                  // (method, path, body) => {status, body}
let calls;

before(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'earful-hostile-'));
  const inbox = path.join(home, 'inbox');
  mkdirSync(inbox);
  const recordings = makeRecordings(path.join(home, 'plain'), kNotes.length / kPerCall + 2);
  [browser, station] = await Promise.all([startBrowser(), startStation({ recordings, inboxes: [inbox] })]);
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${station.address.split('token=')[1]}` };
  api = async (method, what, body) => {
    const answer = await fetch(`${station.origin}/api/v1/${what}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
});

after(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(home, { recursive: true, force: true });
});

// --- what comes in

// What the station took, or null: then it says why in one line that a person can read.
function taken({ status, body }, text) {
  if (status < 300) return ++count.taken && body;
  count.refused++;
  assert.ok(status >= 400 && status < 500, `${status} for ${JSON.stringify(text)}`);
  assert.match(body.error.code, /^E_[A-Z_]+$/);
  assertLine(body.error.message);
  return null;
}

const assertLine = (line) => assert.match(line, /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]{10,400}$/u);

// Sixteen at a time.
async function all(items, work) {
  const queue = [...items.entries()];
  const worker = async () => { for (let next = queue.shift(); next; next = queue.shift()) await work(next[1], next[0]); };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const chunks = (list, size) => Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(size * i, size * (i + 1)));

test('Ten thousand hostile texts are taken as text or refused in one line', async (t) => {
  calls = (await station.calls()).slice(0, kNotes.length / kPerCall + 1);
  await all(kNames, async (name, i) => { listeners[i] = taken(await api('POST', 'listeners', { name }), name); });
  await all(chunks(kLabels, 5), async ([en, he, ko, lo, hint], i) => {
    let { id, revision } = (await api('POST', 'tagbook/kinds', { family: 'risk', sets: i % 20 ? ['desk'] : ['hour'], labels: { en: `Kind ${i}` }, sure: true })).body;
    for (const [field, text] of Object.entries({ en, he, ko, lo, hint })) {
      const told = taken(await api('PUT', `tagbook/kinds/${id}`, { revision, sure: true, ...(field === 'hint' ? { hints: { en: hint, he: hint } } : { labels: { [field]: text } }) }), text);
      revision = told?.revision ?? revision;
    }
    kinds[i] = id;
  });
  await all(kNotes, async (note, i) => {
    const tag = { call_id: calls[Math.floor(i / kPerCall)].call_id, kind: kinds[i % kinds.length], position_ms: (i % kPerCall) * 39, note };
    const told = taken(await api('POST', 'tags', tag), note);
    if (told) noted.set(told.event_id, note);
  });
  importHostile();
  await refuseInInbox();
  t.diagnostic(`${count.taken} taken, ${count.refused} refused`);
  assert.equal(count.taken + count.refused + kTyped.length, 10_000);
});

// As a name in a folder: hidden ones and those of unfinished files are left alone, so they are not told apart here.
const fileName = (i, text) => `${i}${Buffer.from(text.replace(/[/\0]/g, '_')).subarray(0, 200).toString()}.wav`;

// Facts beside a recording, ten to a call; what no sidecar may hold gets a call of its own.
function importHostile() {
  const folder = path.join(home, 'hostile');
  mkdirSync(folder);
  const sound = path.join(makeClicks(path.join(home, 'clicks'), 2, [1]), 'clicks.wav');
  const fits = (text) => text.isWellFormed() && !text.includes('\0') && Buffer.byteLength(text) <= 1024;
  const sets = chunks(kFacts.filter(fits), 10).map((set) => ({
    ...Object.fromEntries(kFields.map((field, i) => [field, set[i] ?? ''])), labels: set[8] ? { [set[8]]: set[9] ?? '' } : {},
  }));
  const single = kFacts.filter((text) => !fits(text)).map((queue) => ({ queue }));
  const facts = [...sets, ...single];
  facts.forEach((about, i) => {
    const file = path.join(folder, fileName(i, kFiles[i % (kFiles.length / 2)]));
    copyFileSync(sound, file);
    writeFileSync(file.replace(/wav$/, 'json'), JSON.stringify(about));
  });
  let lines;
  try {
    lines = station.says('import', folder).trimEnd().split('\n');
  } catch (error) {
    lines = error.stdout.trimEnd().split('\n'); // an import that refused something says so by how it ends
  }
  const of = (what) => lines.filter((line) => line.startsWith(what)).length;
  assert.deepEqual([of('taken '), of('refused ')], [sets.length, single.length]);
  assert.equal(lines.filter((line) => !/^(taken|refused) | {14}/.test(line)).length, 2, 'a first and a last line');
  lines.forEach((line) => assert.match(line, /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+$/u));
  count.taken += kFacts.length - single.length + kFiles.length / 2;
  count.refused += single.length;
}

// Files that are no recordings: listed by their names.
async function refuseInInbox() {
  const names = kFiles.slice(kFiles.length / 2).map((text, i) => fileName(i, text));
  for (const name of names) writeFileSync(path.join(home, 'inbox', name), 'no recording\n'.repeat(9));
  await eventually(async () => (await api('GET', 'inbox')).body.inboxes[0].refused_count === names.length);
  count.taken += names.length;
}

// --- what is shown

// A page whose every misdeed is kept: scripts, dialogs, frames, what the content policy stopped, requests to anybody else.
async function watched() {
  const context = await browser.newContext({ viewport: kDesktop, locale: 'en-GB' });
  const misdeeds = [];
  await context.exposeBinding('__told', (_, what) => misdeeds.push(what));
  await context.addInitScript(() => {
    window.__hit = () => window.__told('script');
    addEventListener('securitypolicyviolation', (event) => window.__told(`policy ${event.violatedDirective} ${event.blockedURI}`));
  });
  context.on('request', (request) => request.url().startsWith(`${station.origin}/`) || misdeeds.push(request.url()));
  const page = await openConsole(browser, station.address, { as: 'Dana Levi', context });
  for (const event of ['frameattached', 'popup', 'download']) page.on(event, () => misdeeds.push(event));
  page.misdeeds = misdeeds;
  return page;
}

const kFixed = ['header', '#play', '#loop', '.wave', '.keys', '#keys-switch', '.languages'];
const kTallest = { '.list li': 104, '.tag': 400, '.recent li': 120, '.people li': 68, '.inbox li': 240, '.key': 110, '.facts': 170, '.head': 90, '.line': 90, '.book-row': 64 };

const look = (page) => page.evaluate(([fixed, rows]) => {
  const box = (one) => document.querySelector(one)?.getBoundingClientRect() ?? { x: 0, width: 0 };
  return {
    wide: Math.max(...[document.documentElement, ...document.querySelectorAll('body, .card, dialog')].map((one) => one.scrollWidth - one.clientWidth)),
    boxes: Object.fromEntries(fixed.map((one) => [one, [box(one).x, box(one).width].map(Math.round).join()])),
    tall: rows.map((one) => [one, Math.max(0, ...[...document.querySelectorAll(one)].map((row) => row.getBoundingClientRect().height))]),
  };
}, [kFixed, Object.keys(kTallest)]);

// plain: what look() saw of a page without anything hostile.
async function expectSound(page, what, plain = null) {
  const { wide, boxes, tall } = await look(page);
  const faults = [...page.faults, ...page.misdeeds, ...tall.filter(([row, height]) => height > kTallest[row]).map((row) => `too tall: ${row}`)];
  if (wide > 0) faults.push(`${wide} px too wide`);
  if (plain) faults.push(...kFixed.filter((one) => boxes[one] !== plain.boxes[one]).map((one) => `${one} is at ${boxes[one]}, not at ${plain.boxes[one]}`));
  assert.deepEqual(faults, [], what);
}

const be = (page, who) => page.evaluate(async (listener) => (await import('/station.js')).beListener(listener), who);
const openEarly = (page) => page.evaluate(async () => (await import('/listening.js')).openEarly());

// Every language, wide and narrow, in turn.
const kLooks = ['en', 'he', 'ko', 'lo'].flatMap((language) => [kDesktop, kPhone].map((size) => ({ language, size })));
async function wear(page, { language, size }) {
  await page.setViewportSize(size);
  await page.click(`#language-${language}`);
}

test('Hostile names, notes, labels and facts are text in every language, wide and narrow', async () => {
  const page = await watched();
  await openCall(page, calls.at(-1)); // nobody tagged it
  for (const one of kLooks) {
    await wear(page, one);
    one.plain = await look(page);
  }
  const names = listeners.filter(Boolean);
  const tagged = (await station.calls()).filter(({ tags }) => tags > 0);
  const shorter = (await station.calls()).filter(({ duration_ms: ms }) => ms < 3000);
  for (const [i, call] of [...tagged, ...shorter].entries()) {
    const one = kLooks[i % kLooks.length];
    await be(page, names[(i * 97) % names.length]);
    await wear(page, one);
    await openCall(page, call);
    await openEarly(page);
    await until(page, (n) => document.querySelectorAll('#tags > li').length === n, call.tags);
    const shown = await page.$$eval('#tags > li', (items) => items.map((item) => [item.dataset.eventId, item.querySelector('.words')?.textContent ?? '']));
    for (const [id, words] of shown) assert.equal(words, plain(noted.get(id)));
    await expectSound(page, `${one.language} ${one.size.width}, call ${i}`, one.plain);
  }
  await page.setViewportSize(kDesktop);
  await page.click('#who');
  await page.waitForSelector('.people li');
  await expectSound(page, 'who listens');
  await page.keyboard.press('Escape');
  await page.click('.inbox details summary');
  await expectSound(page, 'what the inbox refused');
  for (const [i, id] of kinds.filter((_, at) => at % 20 === 0).entries()) {
    await wear(page, kLooks[i % kLooks.length]);
    await page.evaluate((kind) => { location.hash = `#book=${kind}`; }, id);
    await until(page, (kind) => document.querySelector('.book-row[aria-current]') && location.hash.endsWith(kind), id);
    await expectSound(page, `kind ${id}`);
  }
  await page.context().close();
});

test('Hostile addresses and searches find nothing and do nothing', async () => {
  const page = await watched();
  await openCall(page, calls[0]);
  for (const [i, text] of kTyped.entries()) {
    const answered = i % 3 === 2 ? page.waitForResponse(/\/api\/v1\/calls\?/) : null;
    await page.evaluate(async ([name, value]) => {
      const { openFromAddress } = await import('/station.js');
      if (name === 'q') return (await import('/calls_station.js')).search(value);
      history.replaceState(null, '', `/#${name}=${encodeURIComponent(value)}`);
      await openFromAddress();
    }, [['call', 'book', 'q'][i % 3], text.toWellFormed()]);
    await answered;
    if (i % 25 === 0) await expectSound(page, JSON.stringify(text));
  }
  await page.evaluate(() => { location.hash = ''; });
  const turning = (await station.calls()).map(({ queue }) => queue).filter((queue) => plain(queue) !== queue && /[a-z]{3}/i.test(queue));
  assert.ok(turning.length > 0);
  for (const queue of turning) {
    await page.fill('.list input', queue.match(/[a-z]{3,}/i)[0]);
    await until(page, (name) => [...document.querySelectorAll('.row .queue:has(mark)')].some((shown) => shown.textContent === name), plain(queue));
    await expectSound(page, JSON.stringify(queue));
  }
  await page.fill('.list input', 'W'.repeat(10_000));
  await expectSound(page, 'a very long search');
  await page.context().close();
});

// What stands on one line: ends of lines and control characters are a space.
const words = (text) => text.replace(/[\s\x00-\x1f\x7f]+/g, ' ').trim();

test('Files for other programs hold hostile texts and stay what they are', async () => {
  const page = await watched();
  const id = calls[0].call_id;
  const file = (format) => page.evaluate(async ([call, kind]) => {
    const answer = await fetch(`/api/v1/calls/${call}/export?format=${kind}`);
    return { name: answer.headers.get('Content-Disposition'), text: await answer.text() };
  }, [id, format]);
  const tags = (await api('GET', `calls/${id}`)).body.tags;
  const notes = Object.fromEntries(tags.map((tag) => [tag.event_id, tag.note]));
  for (const format of ['webvtt', 'audacity', 'csv', 'vcon']) {
    assert.match((await file(format)).name, /^attachment; filename="earful-[0-9a-f-]+\.(vtt|txt|csv|vcon\.json)"$/);
  }

  const cues = await page.evaluate((call) => new Promise((resolve) => { // read by the browser's own parser
    const video = document.createElement('video');
    const track = Object.assign(document.createElement('track'), { src: `/api/v1/calls/${call}/export?format=webvtt` });
    track.onload = () => resolve([...track.track.cues].map((cue) => [cue.id, cue.getCueAsHTML().textContent.split('\n'), cue.text]));
    track.onerror = () => resolve([]);
    video.append(track);
    track.track.mode = 'hidden';
  }), id);
  assert.equal(cues.length, tags.length);
  for (const [cue, lines, raw] of cues) {
    if (raw.includes('\uffff')) continue; // where that parser thinks the text ends
    assert.equal(lines.at(-1), 'api', raw);
    assert.equal(lines.length === 3 ? words(lines[1]) : '', words(notes[cue]), JSON.stringify(notes[cue]));
  }

  const labels = (await file('audacity')).text.trimEnd().split('\n');
  assert.equal(labels.length, tags.length);
  for (const label of labels) assert.match(label, /^\d+\.\d{6}\t\d+\.\d{6}\t[^\t]*$/);

  const rows = readCsv((await file('csv')).text);
  assert.equal(rows.length, tags.length);
  for (const row of rows) {
    const note = notes[row.tag_id];
    assert.equal(row.note, /^[=+\-@\t\r]/.test(note) ? `'${note}` : note);
  }

  const vcon = JSON.parse((await file('vcon')).text);
  const told = vcon.analysis.find(({ type }) => type === 'tags').body;
  assert.deepEqual(Object.fromEntries(told.map((tag) => [tag.event_id, tag.note])), notes);
  assert.deepEqual(page.misdeeds, []);
  await page.context().close();
});

const readCsv = (text) => JSON.parse(execFileSync('/usr/bin/python3', ['-c', `
import csv, io, json, sys
text = sys.stdin.buffer.read().decode("utf-8-sig")
print(json.dumps(list(csv.DictReader(io.StringIO(text, newline="")))))`], { input: text, encoding: 'utf8', maxBuffer: 1 << 26 }));
