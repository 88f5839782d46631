// What counts as played, from looks at a source: no browser is needed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const file = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'agent/console/played.js');
const { Played } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(file, 'utf8'))}`);

function watched() {
  const heard = [];
  return { heard, played: new Played((...stretch) => heard.push(stretch)) };
}

const seen = (at, now, more = {}) => ({ at, now, rate: 1, playing: true, counts: true, ...more });

test('What was played between two looks was heard, at the speed of the first', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0, { rate: 2 }));
  played.look(seen(2000, 1000));
  played.look(seen(2500, 1500, { playing: false }));
  played.look(seen(2500, 9000, { playing: false }));
  assert.deepEqual(heard, [[0, 2000, 2], [2000, 2500, 1]]);
});

test('What was played without a sound was not', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0));
  played.look(seen(1000, 1000, { counts: false }));
  played.look(seen(2000, 2000));
  played.look(seen(3000, 3000));
  assert.deepEqual(heard, [[0, 1000, 1], [2000, 3000, 1]]);
});

test('A leap is not played, whoever told of it or not', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0));
  played.leap(seen(5000, 0));
  played.look(seen(5100, 100));
  played.look(seen(9000, 200));
  played.look(seen(300, 300));
  played.look(seen(400, 400));
  assert.deepEqual(heard, [[5000, 5100, 1], [300, 400, 1]]);
});

test('Before a leap that is told late it played on, as far as the source knows and time allows', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0));
  played.leap(seen(8000, 30), () => 28);
  played.leap(seen(9000, 40), () => 28);
  played.look(seen(9100, 140));
  played.leap(seen(0, 150), () => 60_000);
  assert.deepEqual(heard, [[0, 28, 1], [9000, 9100, 1], [9100, 9360, 1]]);
});

test('Leaps of what rests were not played', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0, { playing: false }));
  played.leap(seen(100, 1000, { playing: false }), () => 100);
  played.look(seen(200, 1100));
  assert.deepEqual(heard, [[100, 200, 1]]);
});

test('A source that does not know where it is has played nothing', () => {
  const { heard, played } = watched();
  played.look(seen(0, 0));
  played.look(null);
  played.look(seen(100, 100));
  played.look(seen(200, 200));
  assert.deepEqual(heard, [[100, 200, 1]]);
});
