// SharedWorker (a plain worker where the browser has none): the streams of live calls, one per call for
// all tabs of this browser, because HTTP/1.1 allows six connections to a host. It cuts the bytes into
// whole records and passes them on; it never waits for a tab, so no tab can hold up another.
//
// A tab sends {port} once; on that port it sends
//   {what: 'listen', call}                 the live edge, from now on
//   {what: 'past', call, fromMs, untilMs}  a stretch that is over; a new one replaces the one before
//   {what: 'leave'}
// and gets {call, hello?, bytes} for the edge, {call, past: true, bytes}, {call, past: true, done},
// {call, failed: {code, message} or null where nobody answered, status}.
import { kAudio, kEnded, kHello, kRateHz, RecordCutter, records } from './live_records.js';

const kMaxStreams = 2; // beside events, one stretch of the past and two requests: six connections
const kReopenMs = 1000;

const streams = new Map();   // call -> {listeners: Set of ports, hello: bytes, abort}
const pasts = new Map();     // port -> AbortController

function open(call) {
  const stream = { listeners: new Set(), hello: null, abort: new AbortController() };
  streams.set(call, stream);
  run(call, stream);
  return stream;
}

// Until the call ends, the station refuses, or nobody listens any more.
async function run(call, stream) {
  const tell = (message) => stream.listeners.forEach((port) => port.postMessage({ call, ...message }));
  while (streams.get(call) === stream) {
    const outcome = await read(call, 'edge', stream.abort.signal, (bytes) => {
      const first = records(bytes).next().value;
      if (first?.kind === kHello) stream.hello = bytes.slice(0, 4 + new DataView(bytes.buffer).getUint32(0, true));
      tell({ bytes });
      return true;
    });
    if (streams.get(call) !== stream) return;
    if (outcome.over) break;
    tell({ failed: outcome.failed, status: outcome.status });
    if (outcome.status >= 400 && outcome.status < 500) break;
    await new Promise((resolve) => setTimeout(resolve, kReopenMs));
  }
  if (streams.get(call) === stream) streams.delete(call);
}

// take(block) gives false when it has enough. Gives {over} or {failed, status}.
async function read(call, from, signal, take) {
  try {
    const answer = await fetch(`/api/v1/calls/${encodeURIComponent(call)}/live?from=${from}`, { cache: 'no-store', signal });
    const { status } = answer;
    if (!answer.ok) {
      const { code = 'E_HTTP', message = '' } = (await answer.json().catch(() => null))?.error ?? {};
      return { status, failed: { code, message } };
    }
    const cutter = new RecordCutter();
    for (const reader = answer.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return { status: 0, failed: null };
      const block = cutter.push(value);
      if (!block) continue;
      const enough = take(block) === false;
      if (enough) await reader.cancel();
      if (enough || [...records(block)].some(({ kind }) => kind === kEnded)) return { over: true };
    }
  } catch {
    return { status: 0, failed: null }; // cut off, or no stream of ours
  }
}

async function past(port, { call, fromMs, untilMs }) {
  pasts.get(port)?.abort();
  const abort = new AbortController();
  pasts.set(port, abort);
  const until = (untilMs / 1000) * kRateHz;
  const outcome = await read(call, Math.max(0, Math.round(fromMs)), abort.signal, (bytes) => {
    if (abort.signal.aborted) return false;
    port.postMessage({ call, past: true, bytes });
    return ![...records(bytes)].some(({ kind, position }) => kind === kAudio && position >= until);
  });
  if (pasts.get(port) !== abort) return;
  pasts.delete(port);
  port.postMessage({ call, past: true, done: true, failed: outcome.failed });
}

function listen(port, call) {
  leave(port);
  if (!streams.has(call) && streams.size >= kMaxStreams) return port.postMessage({ call, failed: null, status: 429 });
  const stream = streams.get(call) ?? open(call);
  stream.listeners.add(port);
  if (stream.hello) port.postMessage({ call, bytes: stream.hello });
}

function leave(port) {
  pasts.get(port)?.abort();
  pasts.delete(port);
  for (const [call, stream] of streams) {
    if (!stream.listeners.delete(port) || stream.listeners.size) continue;
    streams.delete(call);
    stream.abort.abort();
  }
}

function serve(port) {
  port.onmessage = ({ data }) => {
    if (data.what === 'listen') listen(port, data.call);
    if (data.what === 'past') past(port, data);
    if (data.what === 'leave') leave(port);
  };
  port.addEventListener('close', () => leave(port)); // the tab is gone without a word
}

const greet = ({ data }) => data.port && serve(data.port);
self.onconnect = ({ ports: [port] }) => { port.onmessage = greet; };
self.onmessage = greet;
