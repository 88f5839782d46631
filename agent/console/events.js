// What the station tells by itself (server-sent events), through the worker that all tabs share, or
// through a stream of our own where the browser has no SharedWorker. handle(event, data): data is parsed;
// 'open' and 'shut' come without.
const kEvents = ['tag', 'delivered', 'link', 'calls', 'listeners', 'alarm', 'captures', 'note', 'inbox', 'tagbook', 'hour', 'thanks'];
const kReopenMs = 3000;

export function listen(handle) {
  const take = (event, text) => {
    if (event === 'open' || event === 'shut') return handle(event, null);
    try {
      handle(event, JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // a line we cannot read is not an event
    }
  };
  if (typeof SharedWorker === 'function') throughWorker(take);
  else alone(take);
}

function throughWorker(take) {
  const connect = () => {
    const worker = new SharedWorker(new URL(`./events_worker.js?${kEvents}`, import.meta.url), { name: 'earful-events' });
    worker.port.onmessage = ({ data }) => take(data.event, data.data);
    worker.port.start();
    addEventListener('pagehide', () => worker.port.postMessage('bye'), { once: true });
  };
  addEventListener('pageshow', ({ persisted }) => persisted && connect());
  connect();
}

function alone(take) {
  const source = new EventSource('/api/v1/events');
  source.onopen = () => take('open');
  source.onerror = () => {
    take('shut');
    if (source.readyState === EventSource.CLOSED) setTimeout(() => alone(take), kReopenMs);
  };
  for (const event of kEvents) source.addEventListener(event, ({ data }) => take(event, data));
}
