// Two-leg recordings made of tones that take turns, each with its facts beside it. The oldest one carries
// names that would be code if anything took them for more than text.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const kHostileQueue = '<img src=x onerror=alert(1)>';
export const kHostileAgent = '<b>Dana</b>';

const kRateHz = 8000;
const kSeconds = 20;
const kTurn = 2 * kRateHz; // samples that one leg speaks before the other does

function turns(pitch, seconds = kSeconds) {
  const samples = new Int16Array(2 * seconds * kRateHz);
  for (let i = 0; i < seconds * kRateHz; i++) {
    const leg = Math.floor(i / kTurn) % 2;
    samples[2 * i + leg] = 9000 * Math.sin((2 * Math.PI * (pitch + 200 * leg) * i) / kRateHz) * Math.abs(Math.sin(i / 900));
  }
  return wav(samples);
}

// A leg that beeps for 0.1 s at the beginning of every second, so that whoever hears it knows where in the
// call it is to a fraction of a second; the other leg is silent. Gives the path.
export function makeBeeps(folder, seconds) {
  mkdirSync(folder, { recursive: true });
  const samples = new Int16Array(2 * seconds * kRateHz);
  for (let i = 0; i < seconds * kRateHz; i++) {
    if (i % kRateHz < kRateHz / 10) samples[2 * i] = 24_000 * Math.sin((2 * Math.PI * 1000 * i) / kRateHz);
  }
  const file = path.join(folder, 'beeps.wav');
  writeFileSync(file, wav(samples));
  return file;
}

// Who talks when in makeTalk(), in seconds: [leg, from, to]. Nobody talks from 4 to 10 and from 13 to 17.
export const kTalk = [[0, 0.5, 2], [1, 2.2, 4], [0, 10, 12], [1, 11.5, 13], [1, 17, 19]];
export const kTalkMs = 20_000;

// Two people who talk in turns on a quiet line, as kTalk says. Gives the path.
export function makeTalk(folder, name = 'talk.wav') {
  mkdirSync(folder, { recursive: true });
  const samples = new Int16Array(2 * (kTalkMs / 1000) * kRateHz);
  for (let i = 0; i < samples.length; i++) samples[i] = 8 * ((i * 7919) % 13) / 13 - 4;
  for (const [leg, from, to] of kTalk) {
    for (let i = from * kRateHz; i < to * kRateHz; i++) samples[2 * i + leg] = 9000 * Math.sin((2 * Math.PI * (300 + 200 * leg) * i) / kRateHz);
  }
  const file = path.join(folder, name);
  writeFileSync(file, wav(samples));
  return file;
}

// One leg of so many seconds, silent but for a click of 20 ms at each of these places. Gives the folder.
export function makeClicks(folder, seconds, places) {
  mkdirSync(folder, { recursive: true });
  const samples = new Int16Array(seconds * kRateHz);
  for (const place of places) {
    for (let i = 0; i < kRateHz / 50; i++) samples[place * kRateHz + i] = 24_000 * Math.sin((2 * Math.PI * 1000 * i) / kRateHz);
  }
  writeFileSync(path.join(folder, 'clicks.wav'), wav(samples, 1));
  return folder;
}

function wav(samples, channels = 2) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(kRateHz, 24);
  header.writeUInt32LE(2 * channels * kRateHz, 28);
  header.writeUInt16LE(2 * channels, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

// Gives the folder.
export function makeRecordings(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const facts = {
      started_at: new Date(Date.UTC(2026, 9, 1 + i, 9, 30)).toISOString(),
      queue: i === 0 ? kHostileQueue : ['billing', 'support'][i % 2],
      agent_name: i === 0 ? kHostileAgent : 'Maya Brandt',
      team: 'London', language: 'en', legs: ['agent', 'customer'], external_id: `made-${i}`,
    };
    writeFileSync(path.join(folder, `call-${i}.wav`), turns(300 + 20 * i));
    writeFileSync(path.join(folder, `call-${i}.json`), JSON.stringify(facts));
  }
  return folder;
}

// Calls of the week before this one, for a listening hour to be drawn from. Gives the folder.
export function makeWeek(folder, count, seconds) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const facts = {
      started_at: new Date(Date.now() - 7 * 86_400_000 - i * 60_000).toISOString(), queue: ['billing', 'support'][i % 2], team: 'north', language: 'en',
      agent_name: ['Maya Brandt', 'Tom Reed'][i % 2], agent_ref: ['a17', 'a18'][i % 2], legs: ['agent', 'customer'], external_id: `week-${i}`,
    };
    writeFileSync(path.join(folder, `call-${i}.wav`), turns(300 + 20 * i, seconds));
    writeFileSync(path.join(folder, `call-${i}.json`), JSON.stringify(facts));
  }
  return folder;
}
