// What needs no browser: texts, names, ids, addresses, flags, and what is shipped.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = path.join(root, 'agent/console');
// As text: Debian's Node takes a .js file for CommonJS. What is loaded here imports nothing.
const load = (name) => import(`data:text/javascript,${encodeURIComponent(readFileSync(path.join(home, name), 'utf8'))}`);

const tables = Object.fromEntries(await Promise.all(
  ['en', 'he', 'ko', 'lo'].map(async (code) => [code, (await load(`i18n/${code}.js`)).default])));
const { isNear, distance } = await load('near_name.js');
const { uuid7 } = await load('uuid7.js');
const { callAddress, momentLink, parseAddress, parseFragment, withoutCall, withoutToken } = await load('fragment.js');
const { flagsOf } = await load('flags.js');
const { moved, windowOf } = await load('row_window.js');
const { plain } = await load('plain.js');
const { about, likely } = await load('likely.js');

test('What would turn the text beside it is left out; a pair that isolates stays', () => {
  assert.equal(plain('a\u202eb\u2069c\u2066d\u2067\u2069'), 'abcd');
  assert.equal(plain('\u2068דנה\u2069, \u2068Noa\u2069\u200f'), '\u2068דנה\u2069, \u2068Noa\u2069\u200f');
  assert.equal(plain('\u2068a\u2068b\u2069\u2069'), 'a\u2068b\u2069');
});

const forms = (text) => (typeof text === 'string' ? [text] : Object.values(text));
const params = (text) => [...new Set(forms(text).join(' ').match(/\{\w+\}/g) ?? [])].sort();

for (const code of ['he', 'ko', 'lo']) {
  test(`The ${code} table says everything the English one says`, () => {
    const { calendar, ...table } = tables[code];
    assert.deepEqual(Object.keys(table).sort(), Object.keys(tables.en).sort());
    for (const key of Object.keys(tables.en)) assert.deepEqual(params(table[key]), params(tables.en[key]), key);
    for (const [key, text] of Object.entries(table)) if (typeof text !== 'string') assert.ok(text.other, key);
  });
}

test('A near name is one that differs in case, accents, spaces, a letter or a surname', () => {
  for (const [a, b] of [['dana levi', 'Dana Levi'], ['Dana Levy', 'Dana Levi'], ['Dana', 'Dana Levi'], ['José Díaz', 'Jose Diaz'],
    ['DanaLevi', 'Dana Levi'], ['Levi Dana', 'Dana Levi'], ['נועה  כהן', 'נועה כהן'], ['김 서연', '김서연']]) assert.ok(isNear(a, b), `${a} / ${b}`);
  for (const [a, b] of [['Dana Levi', 'Noa Cohen'], ['Dan', 'Noa'], ['김서연', '박민수'], ['!!', '??']]) assert.ok(!isNear(a, b), `${a} / ${b}`);
  assert.equal(distance('kitten', 'sitting'), 3);
});

test('An id is a UUIDv7 of its time', () => {
  const id = uuid7(0x0123456789ab, new Uint8Array(10).fill(0xff));
  assert.equal(id, '01234567-89ab-7fff-bfff-ffffffffffff');
  assert.ok(uuid7(1000) < uuid7(2000));
});

test('The fragment gives token, call and time, and gives the token away once', () => {
  assert.deepEqual(parseFragment('#t=65,72&token=ab&call=X'), { token: 'ab', call: 'X', book: null, page: '', pageId: '', startMs: 65_000, endMs: 72_000 });
  assert.deepEqual(parseFragment('#t=,72'), { token: '', call: '', book: null, page: '', pageId: '', startMs: 0, endMs: 72_000 });
  assert.equal(parseFragment('#book').book, '');
  assert.equal(parseFragment('#/hour').page, 'hour');
  assert.equal(parseFragment('#/Hour').page, '');
  assert.equal(parseFragment('#book=long-wait').book, 'long-wait');
  assert.equal(parseFragment('#t=9,3').endMs, null);
  assert.equal(parseFragment('#t=abc').startMs, null);
  assert.equal(withoutToken('#token=ab&call=X&t=65,72'), '#call=X&t=65,72');
  assert.equal(withoutToken('#token=ab'), '');
});

test('An address names a call and a moment in it', () => {
  const id = '018f0000-0000-7000-8000-00000000000a';
  assert.equal(momentLink('https://x.example', id, 65_004, 72_000), `https://x.example/calls/${id}#t=65,72`);
  assert.equal(momentLink('https://x.example', id, 1234), `https://x.example/calls/${id}#t=1.23`);
  const { pathname, hash } = new URL(momentLink('https://x.example', id, 1234));
  assert.deepEqual(parseAddress({ pathname, hash }), { token: '', call: id, book: null, page: '', pageId: '', startMs: 1230, endMs: null });
  assert.equal(parseAddress({ pathname: callAddress('X'), hash: '#call=Y' }).call, 'Y', 'what was asked last');
  assert.equal(parseAddress({ pathname: '/calls/%zz', hash: '' }).call, '');
  assert.equal(withoutCall('#call=X&t=65,72'), '#t=65,72');
});

test('Flags that would cover each other take lanes, then lose their names', () => {
  const tags = [0, 1, 2].map((i) => ({ kind: 'k', position_ms: 1000 + i, start_ms: 0, end_ms: 2000 }));
  const flags = flagsOf(tags, 100_000, 800, () => 'Charged wrongly');
  assert.deepEqual(flags.map(({ lane, label }) => [lane, Boolean(label)]), [[0, true], [1, true], [0, false]]);
  assert.ok(flagsOf([{ ...tags[0], position_ms: 99_000 }], 100_000, 800, () => 'Charged wrongly')[0].flipped);
  assert.equal(flagsOf(tags, 100_000, 300, () => 'Charged wrongly')[0].label, '');
});

test('A share is said as the simplest fraction that is near', () => {
  for (const [share, said] of [[5 / 14, '1 in 3'], [0.5, '1 in 2'], [1 / 13, '1 in 13'], [0.02, '1 in 50'], [0.6, '3 in 5'], [0.65, '2 in 3'],
    [0.98, '49 in 50'], [0, '0 in 1'], [1, '1 in 1']]) assert.equal(about(share).join(' in '), said, share);
  for (let share = 0.001; share < 1; share += 0.001) {
    const [k, m] = about(share);
    assert.ok(Math.abs(k / m - share) < 0.03 && Math.abs(k / m - share) <= 0.1 * Math.max(share, 0.2), `${share} is not ${k} in ${m}`);
  }
});

test('What is said of all calls holds the whole interval', () => {
  assert.deepEqual(likely(0.128, 0.649), { what: 'between', low: [1, 8], high: [2, 3] });
  assert.deepEqual(likely(0.002, 0.36), { what: 'most', high: [3, 8] });
  assert.deepEqual(likely(0.6, 1), { what: 'least', low: [3, 5] });
  assert.deepEqual(likely(0, 0.03), { what: 'rare' });
  assert.deepEqual(likely(0.025, 0.975), { what: 'nothing' });
  for (let low = 0.001; low < 1; low += 0.007) {
    for (let high = low; high <= 1; high += 0.007) {
      const said = likely(low, high);
      if (said.low) assert.ok(said.low[0] / said.low[1] <= low, `${low}-${high}`);
      if (said.high) assert.ok(said.high[0] / said.high[1] >= high, `${low}-${high}`);
    }
  }
});

test('The lock names no registry', () => {
  const lock = readFileSync(path.join(root, 'packaging/npm/package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved"|registry/);
});

test('Every file of the console is shipped', () => {
  const cmake = readFileSync(path.join(home, 'CMakeLists.txt'), 'utf8');
  const files = readdirSync(home, { recursive: true }).filter((name) => /\.(js|css|html|svg)$/.test(name));
  for (const file of files) assert.match(cmake, new RegExp(`^  ${file.replace('.', '\\.')}$`, 'm'));
});

test('No file of the console opens an input device', () => {
  const files = readdirSync(home, { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const file of files) assert.doesNotMatch(readFileSync(path.join(home, file), 'utf8'), /getUserMedia|getDisplayMedia|SpeechRecognition|mediaDevices/, file);
});

test('No file of the console writes HTML from text', () => {
  const files = readdirSync(home, { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const file of files) {
    const text = readFileSync(path.join(home, file), 'utf8').replace(/\/\/.*$/gm, '');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/, file);
  }
});

test('The rows in the page are those in view and some beside them, and not others at each step', () => {
  const rows = (topPx) => windowOf(topPx, 600, 60, 5000);
  assert.deepEqual(rows(0), { from: 0, to: 40 });
  assert.deepEqual(rows(-20), rows(0), 'pulled down on a phone');
  for (const first of [0, 1, 7, 8, 100, 2503, 4990]) {
    const { from, to } = rows(first * 60 + 30);
    assert.ok(from <= Math.max(0, first - 8) && to >= Math.min(5000, first + 12) && to - from <= 48, `${first}: ${from}-${to}`);
  }
  assert.deepEqual(rows(100 * 60), rows(103 * 60));
  assert.deepEqual(windowOf(900, 600, 60, 3), { from: 0, to: 3 }, 'a list that became shorter');
  assert.deepEqual(windowOf(0, 600, 60, 0), { from: 0, to: 0 });
});

test('A list that changed is followed by the row one looks at, or the next that is still there', () => {
  assert.equal(moved(['a', 'b', 'c'], ['x', 'y', 'a', 'b', 'c'], 1), 2);
  assert.equal(moved(['a', 'b', 'c'], ['x', 'c'], 1), -1);
  assert.equal(moved(['a', 'b'], ['x'], 0), 0);
});

test('How far behind the loudspeaker is, is never taken from a stamp that cannot be', async () => {
  const { lagSeconds } = await load('ears.js');
  const context = (currentTime, stamp, more = {}) => ({ currentTime, getOutputTimestamp: () => stamp && { contextTime: stamp[0], performanceTime: stamp[1] }, ...more });
  const lag = (...of) => Math.round(lagSeconds(context(...of), 10_000) * 1000);
  assert.equal(lag(5, [4.9, 10_000]), 100);
  assert.equal(lag(5, [4.85, 9950]), 100, 'what was stamped a moment ago has moved on');
  assert.equal(lag(5, [4.99, 9000]), 0, 'never ahead');
  assert.equal(lag(5, [4.997, 14_997], { outputLatency: 0.03 }), 30, 'a stamp of the future');
  assert.equal(lag(5, [4.997, 14_997], { outputLatency: 0, baseLatency: 0.003 }), 3);
  assert.equal(lag(5, [2, 4000], { outputLatency: 0.04 }), 40, 'a stamp of long ago');
  assert.equal(lag(5, [1, 9990]), 500, 'no device is so slow');
  assert.equal(lag(5, [0, 0], { outputLatency: 0.04 }), 40, 'nothing was heard yet');
  assert.equal(lag(5, null, { baseLatency: 0.01 }), 10);
});
