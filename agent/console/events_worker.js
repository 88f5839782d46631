// SharedWorker: one EventSource for all tabs of this browser, because HTTP/1.1 allows six connections to
// a host. Forwards every event to every tab as {event, data}; 'open' and 'shut' tell of the stream itself.
const kEvents = location.search.slice(1).split(','); // named by the page, so that a newer one has a worker of its own
const kReopenMs = 3000; // after the browser gave up on the stream (an HTTP error, not a lost line)

const ports = new Set();
const last = new Map(); // newest 'link' and 'delivered', for a tab that opens later
let source = null;

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function open() {
  source?.close();
  source = new EventSource('/api/v1/events');
  source.onopen = () => tell({ event: 'open' });
  source.onerror = () => {
    tell({ event: 'shut' });
    if (source.readyState === EventSource.CLOSED) setTimeout(open, kReopenMs);
  };
  for (const event of kEvents) {
    source.addEventListener(event, ({ data }) => {
      const message = { event, data };
      if (event === 'link' || event === 'delivered') last.set(event, message);
      tell(message);
    });
  }
}

self.onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === 'bye') ports.delete(port);
    if (data === 'bye' && ports.size === 0) {
      source?.close();
      source = null;
    }
  };
  port.start();
  if (!source || source.readyState === EventSource.CLOSED) {
    last.clear();
    open();
  } else if (source.readyState === EventSource.OPEN) {
    port.postMessage({ event: 'open' });
    for (const message of last.values()) port.postMessage(message);
  }
};
