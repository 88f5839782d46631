// What plays a live call, without a browser: cutting the stream into records, taking up late packets and
// strange clocks, knowing what is heard, and which silence to leave out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const home = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'agent/console');
const load = (name) => import(`data:text/javascript,${encodeURIComponent(readFileSync(path.join(home, name), 'utf8'))}`);
const { RecordCutter, records, kAudio, kEnded, kHello } = await load('live_records.js');
const { Jitter } = await load('jitter.js');
const { Playhead } = await load('playhead.js');
const { skipTarget } = await load('skip.js');

// --- the stream

function record(kind, payload) {
  const bytes = Buffer.alloc(5 + payload.length);
  bytes.writeUInt32LE(1 + payload.length, 0);
  bytes[4] = kind;
  payload.copy(bytes, 5);
  return bytes;
}

const json = (kind, data) => record(kind, Buffer.from(JSON.stringify(data)));

function audio(position, packets, paused = false) {
  const head = Buffer.alloc(10);
  head.writeBigInt64LE(BigInt(position));
  head[8] = paused ? 1 : 0;
  head[9] = packets.length;
  const legs = packets.map((packet) => {
    const start = Buffer.from([0x80, 0x7f, 0, 0]); // -128, 127
    start.writeUInt16LE(packet.length, 2);
    return Buffer.concat([start, Buffer.from(packet)]);
  });
  return record(kAudio, Buffer.concat([head, ...legs]));
}

const kStream = Buffer.concat([
  json(kHello, { call_id: 'c', legs: 2 }), audio(960, [[1, 2, 3], [4]], true), record(99, Buffer.from('later')), json(kEnded, { ended: true }),
]);

function cut(sizes) {
  const cutter = new RecordCutter();
  const out = [];
  for (let at = 0, i = 0; at < kStream.length; at += sizes[i++ % sizes.length]) {
    const block = cutter.push(new Uint8Array(kStream.subarray(at, at + sizes[i % sizes.length])));
    if (block) out.push(...records(block));
  }
  return out;
}

test('A stream is cut into the same records wherever its bytes are split', () => {
  const whole = cut([kStream.length]);
  assert.deepEqual(whole.map(({ kind }) => kind), [kHello, kAudio, kEnded]);
  const { position, index, paused, legs } = whole[1];
  assert.deepEqual({ position, index, paused }, { position: 960, index: 1, paused: true });
  assert.deepEqual(legs.map(({ low, high, packet }) => [low, high, ...packet]), [[-128, 127, 1, 2, 3], [-128, 127, 4]]);
  for (let size = 1; size < kStream.length; size++) assert.deepEqual(cut([size]).map(({ kind }) => kind), [kHello, kAudio, kEnded]);
});

test('A length that no record has ends the stream instead of filling the memory', () => {
  assert.throws(() => new RecordCutter().push(new Uint8Array([0xff, 0xff, 0xff, 0x7f, 2])), RangeError);
  assert.throws(() => new RecordCutter().push(new Uint8Array([0, 0, 0, 0, 2])), RangeError);
});

// --- the decoder's worker, without a browser

function decoderWorker() {
  const told = [];
  const played = [];
  globalThis.self = { postMessage: (message) => told.push(message) };
  globalThis.AudioDecoder = class { state = 'configured'; configure() {} decode() {} close() {} };
  globalThis.EncodedAudioChunk = class {};
  const shared = { postMessage() {} };
  const worklet = { postMessage: (message) => played.push(message) };
  const source = readFileSync(path.join(home, 'live_decoder.js'), 'utf8');
  const from = `data:text/javascript,${encodeURIComponent(readFileSync(path.join(home, 'live_records.js'), 'utf8'))}`;
  const code = source.replace("'./live_records.js'", `'${from.replaceAll("'", '%27')}'`);
  let frame = 0;
  return import(`data:text/javascript,${encodeURIComponent(code)}`).then(() => {
    const say = (data) => self.onmessage({ data });
    say({ what: 'ports', shared, worklet });
    say({ what: 'open', call: 'c' });
    return {
      say,
      // So many milliseconds come from the station.
      come: (ms) => {
        for (const end = frame + ms / 20; frame < end; frame++) {
          shared.onmessage({ data: { call: 'c', bytes: audio(frame * 960, [[1], [2]]) } });
        }
      },
      // The worklet plays, and says where.
      plays: (ms) => worklet.onmessage({ data: { turn: played.at(-1).turn, position: ms * 48, rate: 1 } }),
      skipped: () => told.filter((message) => message.skipped).map(({ skipped }) => skipped),
    };
  });
}

test('Only a listener who has heard something can have missed something', async () => {
  const worker = await decoderWorker();
  worker.come(1000);
  worker.say({ what: 'play', fromMs: null });
  worker.come(2000); // the browser took its time to open its loudspeaker
  worker.plays(1000);
  worker.plays(2980);
  assert.deepEqual(worker.skipped(), []);
  worker.come(2000); // now it is a hiccup
  worker.plays(3100);
  assert.deepEqual(worker.skipped(), [{ from_ms: 3100, to_ms: 4980 }]);
});

// --- the pace: a stream of 20 ms packets played by a sound card of its own clock

// Gives {lowest, highest, dry}: what waited in the last third, in ms, and how often nothing did.
function played({ seconds, skew = 0, lateness = () => 0, hiccupAt = -1, hiccupMs = 0, stoodAt = Infinity, stoodMs = 0 }) {
  const jitter = new Jitter();
  const arrivals = Array.from({ length: seconds * 50 }, (_, i) => {
    const at = i * 0.02 + lateness(i);
    return hiccupAt >= 0 && at >= hiccupAt && at < hiccupAt + hiccupMs / 1000 ? hiccupAt + hiccupMs / 1000 : at;
  });
  let waiting = 0;
  let flowing = false;
  let dry = 0;
  const late = [];
  for (let now = 0, next = 0; now < seconds - 1; now += (128 / 48_000) * (1 + skew)) {
    while (next < arrivals.length && arrivals[next] <= now) waiting += next++ >= 0 ? 960 : 0;
    if (!flowing) flowing = waiting >= jitter.startAt;
    if (!flowing) continue;
    if (now >= stoodAt) {
      now += stoodMs / 1000;
      stoodAt = Infinity;
    }
    if (now % 1 < 0.1 && jitter.mayLeaveOut(480)) { // a tenth of each second is silence
      jitter.leftOut(480);
      waiting -= 480;
    }
    waiting -= 128 * jitter.rate(waiting, 128);
    if (now > seconds * 0.66) late.push(waiting / 48);
    if (waiting > 0) continue;
    dry++;
    waiting = 0;
    flowing = false;
    jitter.ranDry();
  }
  return { lowest: Math.min(...late), highest: Math.max(...late), dry };
}

test('A sound card that is 500 ppm fast or slow never runs dry and never falls behind', () => {
  for (const skew of [-0.0005, 0.0005]) {
    const { lowest, highest, dry } = played({ seconds: 600, skew });
    assert.equal(dry, 0);
    assert.ok(lowest > 0 && highest < 60, `${lowest} to ${highest} ms at ${skew}`);
  }
});

test('After a hiccup the delay goes back to what it was', () => {
  const { highest, dry } = played({ seconds: 60, hiccupAt: 10, hiccupMs: 300 });
  assert.ok(dry <= 1 && highest < 75, `${highest} ms`);
});

test('What waits after the sound stood still is left out where nobody speaks', () => {
  const { highest, dry } = played({ seconds: 20, stoodAt: 10, stoodMs: 300 });
  assert.ok(dry === 0 && highest < 100, `${highest} ms three seconds later, after running dry ${dry} times`);
});

test('Packets that come up to 40 ms late are waited for', () => {
  const { dry, highest } = played({ seconds: 120, lateness: (i) => ((i * 7919) % 41) / 1000 });
  assert.ok(dry <= 4 && highest < 120, `dry ${dry} times, ${highest} ms`);
});

test('A line that stumbles while the page gets ready is as quick as any a few seconds later', () => {
  const { highest, dry } = played({ seconds: 24, lateness: (i) => (i < 150 && i % 25 < 8 ? (8 - (i % 25)) / 50 : 0) });
  assert.ok(highest < 60, `${highest} ms after running dry ${dry} times`);
});

test('A line that stumbles every three seconds is not found out each time', () => {
  const { dry } = played({ seconds: 120, lateness: (i) => (i % 150 < 3 ? 0.06 : 0) });
  assert.ok(dry <= 13, `dry ${dry} times in 40`);
});

// --- what is heard

test('What is heard follows the rate, stands while nothing flows, and is not ahead of the loudspeaker', () => {
  const playhead = new Playhead();
  assert.equal(playhead.at(1), null);
  playhead.add({ time: 10, position: 48_000, rate: 1 });
  playhead.add({ time: 11, position: 96_000, rate: 0 });
  playhead.add({ time: 12, position: 96_000, rate: 1.01 });
  assert.equal(playhead.at(9.9), null);
  assert.equal(playhead.at(10.5), 72_000);
  assert.equal(playhead.at(11.7), 96_000);
  assert.ok(Math.abs(playhead.at(13) - 96_000 - 48_480) < 1e-6);
});

test('What is heard comes to nothing before a report, not to a place it never was', () => {
  const playhead = new Playhead();
  playhead.add({ time: 10, position: 48_000, rate: 1 });
  playhead.add({ time: 10.02, position: 48_480, rate: 0 }); // ran dry after 10 ms
  assert.equal(playhead.at(10.019), 48_480);
  for (let i = 0; i < 1000; i++) playhead.add({ time: 11 + i, position: 50_000, rate: 1 });
  assert.ok(playhead.reports.length < 10);
});

// --- skipping silence

test('A silence is left out but for 300 ms on both sides, so that no quiet word is eaten', () => {
  const silences = [[10_000, 15_000], [20_000, 20_900]];
  assert.equal(skipTarget(silences, 10_299), null);
  assert.equal(skipTarget(silences, 10_300), 14_700);
  assert.equal(skipTarget(silences, 14_500), null);
  assert.equal(skipTarget(silences, 14_800), null);
  assert.equal(skipTarget(silences, 20_400), null, 'not worth a leap');
  assert.equal(skipTarget([], 0), null);
});
