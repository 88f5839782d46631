// A line between a browser and the station that can stand still: an HTTP proxy for a context's `proxy`
// option. hold(): streams of live calls pass no byte any more; release(): what was held follows at once.
import http from 'node:http';

export async function startSlowLine() {
  const streams = new Set();
  let held = false;
  const server = http.createServer((asked, answer) => {
    const { hostname, port, pathname, search } = new URL(asked.url);
    const onward = http.request({ hostname, port, path: pathname + search, method: asked.method, headers: asked.headers }, (told) => {
      answer.writeHead(told.statusCode, told.headers);
      if (!pathname.endsWith('/live')) return told.pipe(answer);
      streams.add(told);
      told.on('close', () => streams.delete(told));
      told.on('data', (bytes) => answer.write(bytes));
      told.on('end', () => answer.end());
      if (held) told.pause();
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    proxy: { server: `http://127.0.0.1:${server.address().port}`, bypass: '<-loopback>' },
    hold: () => { held = true; streams.forEach((stream) => stream.pause()); },
    release: () => { held = false; streams.forEach((stream) => stream.resume()); },
    stop: () => { server.close(); server.closeAllConnections(); },
  };
}
