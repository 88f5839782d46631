// The real programs, started by the tests: a collector, a station that has joined it, and a library of
// calls made for the purpose. All state lives in a temporary folder; every port is a free one, kept over
// restarts.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from './browser.mjs';
import { makeRecordings } from './recordings.mjs';

const kStartMs = 20_000; // enough for a busy machine to start a program
const kStopMs = 10_000;  // then it is killed

// Waits for what the station says by itself to become true, and gives it.
export async function eventually(what) {
  for (const deadline = Date.now() + kStartMs; ;) {
    const found = await what();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

// The wall clock of a program that runs with this is the machine's and what the file says, such as "+3600" (seconds). The
// file is looked at each second.
const byClock = (file) => ({ LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1', FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' });

// Starts a program and waits for the line that says it is ready; gives {child, ready}.
function start(program, args, more = {}) {
  const child = spawn(path.join(build, program), args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...more } });
  let out = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${program} was not ready in ${kStartMs} ms: ${out}`)), kStartMs);
    const read = (chunk) => {
      out += chunk;
      const ready = /is ready: (.*)\n/.exec(out);
      if (!ready) return;
      clearTimeout(late);
      resolve({ child, ready: ready[1] });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${out}`)));
  });
}

function stop(running) {
  if (!running || running.child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => running.child.kill('SIGKILL'), kStopMs);
    running.child.on('exit', () => {
      clearTimeout(late);
      resolve();
    });
    running.child.kill('SIGTERM');
  });
}

const run = (program, args, input) => execFileSync(path.join(build, program), args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

// recordings: how many calls to make, or the folder they are in; samples: the bundled ones instead;
// captures: {name: source}; inboxes: folders to watch; joins: another station, to share its collector; settings:
// more of them, given the folder of all state; clock: the file that sets the station's.
export async function startStation({ recordings = 24, samples = null, captures = {}, inboxes = [], joins = null, settings = () => '', clock = null } = {}) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'earful-browser-'));
  const agentData = path.join(home, 'agent');
  const collectorData = joins?.collectorData ?? path.join(home, 'collector');
  const station = { collector: null, agent: null, collectorData };
  let endpoints = ['0', '0', '0'].map((port) => `tcp://127.0.0.1:${port}`);
  let port = '0';

  station.startCollector = async () => {
    const [intake, feed, desk] = endpoints;
    station.collector = await start('earful-collector', ['serve', '--data', collectorData, '--intake', intake, '--feed', feed, '--desk', desk, '--http-port', '0']);
    endpoints = station.collector.ready.match(/tcp:\/\/\S+/g).slice(0, 3);
  };
  // What a command of the collector prints, beside the running one.
  station.collectorSays = (name, ...options) => run('earful-collector', [name, '--data', collectorData, ...options]);
  // The same of the station's.
  station.says = (name, ...options) => run('earful-agent', [...name.split(' '), '--data', agentData, ...options]);
  station.stopCollector = () => stop(station.collector);
  const config = path.join(home, 'agent.toml');
  station.home = home;
  writeFileSync(config, [
    settings(home),
    ...Object.entries(captures).map(([name, source]) => `[[capture]]\nname = "${name}"\nsource = "${source}"\nqueue = "${name}"\n`),
    ...inboxes.map((folder) => `[[inbox]]\npath = "${folder}"\nsidecar_wait = "200ms"\n`),
  ].join('\n'));
  station.startStation = async () => {
    station.agent = await start('earful-agent', ['serve', '--data', agentData, '--port', port, '--config', config], clock ? byClock(clock) : {});
    station.address = station.agent.ready.match(/http:\S+/)[0];
    station.origin = new URL(station.address).origin;
    port = new URL(station.address).port;
  };
  station.stopStation = () => stop(station.agent);
  station.killStation = () => new Promise((resolve) => station.agent.child.on('exit', resolve).kill('SIGKILL'));
  station.stop = async () => {
    await Promise.all([stop(station.agent), stop(station.collector)]);
    rmSync(home, { recursive: true, force: true });
  };

  const get = async (what) => {
    const token = station.address.split('token=')[1];
    const answer = await fetch(`${station.origin}/api/v1/${what}`, { headers: { Authorization: `Bearer ${token}` } });
    return answer.json();
  };
  station.calls = async () => (await get('calls?limit=500')).calls;
  // As a person in a browser of their own: a session that names its listener.
  const send = async (method, what, body, cookie = '') => {
    const headers = { 'Content-Type': 'application/json', 'X-Earful': '1', Cookie: cookie };
    return fetch(`${station.origin}/api/v1/${what}`, { method, headers, body: JSON.stringify(body) });
  };
  const cookieOf = (answer) => answer.headers.get('set-cookie').split(';')[0];
  station.listener = async (name) => {
    const session = cookieOf(await send('POST', 'session', { token: station.address.split('token=')[1] }));
    const { id } = await (await send('POST', 'listeners', { name }, session)).json();
    return cookieOf(await send('PUT', 'session', { listener: id }, session));
  };
  station.getAs = async (cookie, what) => (await fetch(`${station.origin}/api/v1/${what}`, { headers: { Cookie: cookie } })).json();
  station.postAs = async (cookie, what, body = {}) => (await send('POST', what, body, cookie)).json();
  station.tagAs = async (cookie, content) => (await send('POST', 'tags', content, cookie)).json();
  station.reviseAs = async (cookie, id, fields) => (await send('POST', `tags/${id}/revise`, fields, cookie)).json();
  station.retractAs = async (cookie, id) => (await send('POST', `tags/${id}/retract`, {}, cookie)).json();
  station.get = get;
  // what: 'start', 'stop', 'pause' or 'resume'; gives the answer's body.
  station.capture = async (name, what, body = {}) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${station.address.split('token=')[1]}` };
    const answer = await fetch(`${station.origin}/api/v1/captures/${name}/${what}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return answer.json();
  };
  station.tags = async (id) => (await get(`calls/${id}`)).tags;

  try {
    if (!joins) await station.startCollector();
    run('earful-agent', ['join', '-', '--data', agentData], run('earful-collector', ['invite', path.basename(home), '--data', collectorData, '--address', '127.0.0.1']));
    station.recordings = typeof recordings === 'string' ? recordings : path.join(home, 'recordings');
    if (samples) run('earful-agent', ['import', '--sample', '--data', agentData, samples]);
    else if (recordings) {
      if (typeof recordings !== 'string') makeRecordings(station.recordings, recordings);
      run('earful-agent', ['import', '--data', agentData, station.recordings]);
    }
    await station.startStation();
  } catch (error) {
    await station.stop();
    throw error;
  }
  return station;
}
