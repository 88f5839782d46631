// A stand-in for the station while there is none: the API's shapes over memory, with faults on request.
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

function tagbook() {
  const text = execFileSync('python3', ['-c', 'import tomllib,sys,json;print(json.dumps(tomllib.load(open(sys.argv[1],"rb"))))', process.env.EARFUL_TAGBOOK], { encoding: 'utf8' });
  const book = JSON.parse(text);
  return { families: book.family, kinds: book.kind.map((kind, order) => ({ retired: false, revision: 1, opens: '', ...kind, order })) };
}

function peaksOf(file) {
  const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'f32le', '-ac', '2', '-ar', '8000', '-'], { maxBuffer: 1 << 28 });
  const samples = new Float32Array(pcm.buffer, pcm.byteOffset, pcm.length / 4);
  const legs = [[], []];
  for (let i = 0; i < samples.length / 2; i += 160) {
    for (const leg of [0, 1]) {
      let [min, max] = [0, 0];
      for (let j = i; j < Math.min(i + 160, samples.length / 2); j++) [min, max] = [Math.min(min, samples[2 * j + leg]), Math.max(max, samples[2 * j + leg])];
      legs[leg].push(min, max);
    }
  }
  return { peaks: { legs: 2, step_ms: 20, peaks: legs }, durationMs: (samples.length / 2 / 8000) * 1000 };
}

export async function startMock({ empty = false, hostile = false, listeners = [], copies = 1 } = {}) {
  const web = path.join(process.env.EARFUL_BUILD ?? path.join(root, 'build/console'), 'share/earful/console');
  const samples = path.join(root, 'packaging/samples');
  const book = tagbook();
  const people = [...listeners];
  const calls = empty ? [] : Array(copies).fill(readdirSync(samples).filter((name) => name.endsWith('.opus'))).flat().map((name) => {
    const meta = JSON.parse(readFileSync(path.join(samples, name.replace('.opus', '.json'))));
    const { peaks, durationMs } = peaksOf(path.join(samples, name));
    return {
      call_id: randomUUID(), duration_ms: durationMs, agent_ref: '', agent_name: '', team: '', language: '', customer_key: '', external_id: '',
      ...meta, legs: 2, live: false, sample: true, tags: 0, file: path.join(samples, name), peaks, list: [],
    };
  }).sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  if (hostile && calls[0]) Object.assign(calls[0], { queue: '<img src=x onerror=alert(1)>', agent_name: '<b>Dana</b>' });
  const token = randomBytes(16).toString('hex');
  const streams = new Set();
  const mock = { seq: 0, delivered: 0, fail: null, link: 'up', token, calls, posts: [], me: null };
  const emit = (event, data) => { for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`); };
  mock.emit = emit;
  const tell = () => emit('link', { state: mock.link, undelivered: mock.seq - mock.delivered });
  mock.deliver = () => { mock.delivered = mock.seq; emit('delivered', { seq: mock.delivered }); tell(); };
  mock.addTag = (call, tag) => call.list.push(tag);
  const after = () => (mock.link === 'up' ? setTimeout(mock.deliver, mock.delay ?? 150) : tell());
  const view = ({ file, peaks, list, ...call }) => ({ ...call, tags: list.length });
  const tagView = (tag) => ({ ...tag, state: !tag.own || tag.seq <= mock.delivered ? 'delivered' : 'saved' });

  const server = http.createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    const send = (status, body, type = 'application/json', headers = {}) => {
      res.writeHead(status, { 'Content-Type': type, ...headers });
      res.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    };
    const bad = (status, code, message) => send(status, { error: { code, message } });
    const nonce = randomBytes(16).toString('base64');
    if (!url.pathname.startsWith('/api/')) {
      const file = path.join(web, url.pathname === '/' ? 'index.html' : url.pathname);
      if (!existsSync(file)) return bad(404, 'E_NOT_FOUND', 'no such file');
      const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain' };
      return send(200, readFileSync(file, 'utf8').replaceAll('__CSP_NONCE__', nonce), types[path.extname(file)], {
        'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        'X-Content-Type-Options': 'nosniff',
      });
    }
    if (mock.fail?.(req.method, url.pathname)) return req.socket.destroy();
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = text ? JSON.parse(text) : {};
    const [, , , what, id, verb] = url.pathname.split('/');
    if (req.method !== 'GET' && req.headers['x-earful'] !== '1') return bad(403, 'E_HEADER', 'X-Earful: 1 is missing');
    if (what === 'session' && req.method === 'POST') {
      if (body.token !== token) return bad(401, 'E_TOKEN', 'not this token');
      return send(200, {}, 'application/json', { 'Set-Cookie': 'earful_mock=1; HttpOnly; SameSite=Strict; Path=/' });
    }
    if (!(req.headers.cookie ?? '').includes('earful_mock=1')) return bad(401, 'E_SESSION', 'no session');
    if (what === 'session' && req.method === 'GET') return send(200, { listener: mock.me });
    if (what === 'session') { mock.me = people.find((p) => p.id === body.listener) ?? null; return send(200, { listener: mock.me }); }
    if (what === 'tagbook') return send(200, book);
    if (what === 'listeners' && req.method === 'GET') return send(200, { listeners: people });
    if (what === 'listeners') { const p = { id: randomUUID(), name: body.name }; people.push(p); emit('listeners', {}); return send(201, p); }
    if (what === 'events') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      res.write(':\n\n');
      streams.add(res);
      res.on('close', () => streams.delete(res));
      emit('delivered', { seq: mock.delivered });
      return tell();
    }
    const all = calls.flatMap((call) => call.list);
    if (what === 'calls' && !id) {
      const q = (url.searchParams.get('q') ?? '').toLowerCase();
      const found = calls.filter((c) => `${c.queue} ${c.team} ${c.agent_name}`.toLowerCase().includes(q));
      const from = Number(url.searchParams.get('after') ?? 0);
      const limit = Math.min(Number(url.searchParams.get('limit') ?? 50), mock.page ?? 500);
      return send(200, { calls: found.slice(from, from + limit).map(view), next: from + limit < found.length ? String(from + limit) : '' });
    }
    if (what === 'calls') {
      const call = calls.find((c) => c.call_id === id);
      if (!call) return bad(404, 'E_NO_CALL', 'There is no such call here.');
      if (verb === 'peaks') return send(200, call.peaks);
      if (verb === 'audio') {
        const data = readFileSync(call.file);
        const range = /bytes=(\d+)-(\d*)/.exec(req.headers.range ?? '');
        if (!range) return send(200, data, 'audio/ogg', { 'Accept-Ranges': 'bytes' });
        const [from, to] = [Number(range[1]), range[2] ? Number(range[2]) : data.length - 1];
        return send(206, data.subarray(from, to + 1), 'audio/ogg', { 'Content-Range': `bytes ${from}-${to}/${data.length}`, 'Accept-Ranges': 'bytes' });
      }
      return send(200, { ...view(call), tags: call.list.map(tagView) });
    }
    if (what === 'tags' && !id) {
      mock.posts.push(body);
      const call = calls.find((c) => c.call_id === body.call_id);
      const old = all.find((t) => t.event_id === body.event_id);
      if (old) return send(200, { event_id: old.event_id, seq: old.seq });
      const kind = book.kinds.find((k) => k.id === body.kind);
      const at = body.position_ms ?? body.pressed_ms;
      const tag = {
        event_id: body.event_id, kind: body.kind, position_ms: at, start_ms: Math.max(0, at - kind.lead_ms),
        end_ms: Math.min(call.duration_ms, (body.released_ms ?? at) + kind.lag_ms), note: body.note ?? '', listener: mock.me, seq: ++mock.seq, own: true,
      };
      call.list.push(tag);
      emit('tag', { ...tagView(tag), call_id: call.call_id, retracted: false });
      after();
      return send(201, { event_id: tag.event_id, seq: tag.seq });
    }
    const call = calls.find((c) => c.list.some((t) => t.event_id === id));
    const tag = all.find((t) => t.event_id === id);
    if (!tag) return bad(404, 'E_NO_TAG', 'no such tag');
    tag.seq = ++mock.seq;
    if (verb === 'retract') call.list = call.list.filter((t) => t !== tag);
    else if (body.note !== undefined) tag.note = body.note;
    emit('tag', { ...tagView(tag), call_id: call.call_id, retracted: verb === 'retract' });
    after();
    return send(200, { event_id: tag.event_id, seq: tag.seq });
  });
  mock.start = (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await mock.start(0);
  mock.origin = `http://127.0.0.1:${server.address().port}`;
  mock.address = `${mock.origin}/#token=${token}`;
  mock.stop = () => { server.closeAllConnections(); return new Promise((resolve) => server.close(resolve)); };
  return mock;
}
