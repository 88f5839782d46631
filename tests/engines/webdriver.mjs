// A page in Firefox or in WebKit (Safari's engine), driven by their own drivers: Debian's WebKitWebDriver speaks
// WebDriver (W3C) over HTTP, Firefox has the same commands behind Marionette, JSON with its length before it over TCP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../browser/station.mjs';

const kSize = { width: 1400, height: 950 };

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
}

async function endOf(child, signal = 'SIGTERM') {
  child.kill(signal);
  await ended(child);
}

// (command, parameters) => value, over Marionette.
async function marionette(port) {
  let socket;
  await eventually(async () => (socket = await connect(port).catch(() => null)));
  const waiting = new Map();
  let bytes = Buffer.alloc(0);
  let greet;
  const greeted = new Promise((resolve) => { greet = resolve; });
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    for (;;) {
      const colon = bytes.indexOf(':');
      const end = colon + 1 + Number(bytes.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || bytes.length < end) return;
      const message = JSON.parse(bytes.subarray(colon + 1, end).toString());
      bytes = bytes.subarray(end);
      if (!Array.isArray(message)) greet();
      else waiting.get(message[1])(message);
    }
  });
  await greeted;
  let last = 0;
  const send = async (command, parameters = {}) => {
    const text = JSON.stringify([0, ++last, `WebDriver:${command}`, parameters]);
    const answer = new Promise((resolve) => waiting.set(last, resolve));
    socket.write(`${Buffer.byteLength(text)}:${text}`);
    const [, , error, result] = await answer;
    if (error) throw new Error(`${command}: ${error.error}: ${error.message}`);
    return result?.value !== undefined ? result.value : result;
  };
  return { send, close: () => socket.destroy() };
}

export async function startFirefox() {
  const home = mkdtempSync(path.join(os.tmpdir(), 'earful-firefox-'));
  const port = await freePort();
  writeFileSync(path.join(home, 'user.js'), Object.entries({
    'marionette.port': port, 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0, 'intl.accept_languages': 'en-GB',
    'browser.shell.checkDefaultBrowser': false, 'datareporting.policy.dataSubmissionEnabled': false, 'app.update.enabled': false,
  }).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(''));
  const child = spawn('firefox-esr', ['--headless', '--marionette', '--no-remote', '--profile', home], { stdio: 'ignore', env: { ...process.env, HOME: home } });
  const { send, close } = await marionette(port);
  await send('NewSession', { capabilities: {} });
  return pageOf({
    send, name: 'Firefox',
    close: async () => {
      close();
      await endOf(child, 'SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  });
}

const kHttp = {
  Navigate: ['POST', 'url'], ExecuteAsyncScript: ['POST', 'execute/async'], PerformActions: ['POST', 'actions'], SetWindowRect: ['POST', 'window/rect'],
  TakeScreenshot: ['GET', 'screenshot'], SetTimeouts: ['POST', 'timeouts'],
};
// Where Debian has it: /usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser.
const within = (folder, pattern) => readdirSync(folder).filter((name) => pattern.test(name)).map((name) => path.join(folder, name));
const miniBrowser = () => within('/usr/lib', /-linux-gnu$/).flatMap((folder) => within(folder, /^webkit2gtk-4/)).flatMap((folder) => within(folder, /^MiniBrowser$/))[0];

export async function startWebKit() {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1600x1100x24'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [display] = await once(screen.stdio[3], 'data');
  const home = mkdtempSync(path.join(os.tmpdir(), 'earful-webkit-'));
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore', env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, DISPLAY: `:${display.toString().trim()}`, LANG: 'en_GB.UTF-8', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  });
  await eventually(async () => { (await connect(port).catch(() => null))?.destroy(); return fetch(`http://127.0.0.1:${port}/status`).then(() => true, () => false); });
  const ask = async (method, what, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/session${what}`, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${what}: ${value.error}: ${value.message}`);
    return value;
  };
  const options = { binary: miniBrowser(), args: ['--automation'] };
  const { sessionId } = await ask('POST', '', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
  return pageOf({
    name: 'WebKit',
    send: (command, parameters) => ask(kHttp[command][0], `/${sessionId}/${kHttp[command][1]}`, kHttp[command][0] === 'POST' ? parameters : undefined),
    close: async () => {
      await ask('DELETE', `/${sessionId}`).catch(() => {});
      await endOf(driver);
      await endOf(screen);
      rmSync(home, { recursive: true, force: true });
    },
  });
}

// What both can.
async function pageOf({ send, name, close }) {
  await send('SetTimeouts', { script: 20_000, pageLoad: 30_000 });
  await send('SetWindowRect', kSize);
  const page = { name, close };
  page.open = (url) => send('Navigate', { url });
  // A function of the page's document alone, given one value; what it returns.
  page.ask = (script, argument = null) => send('ExecuteAsyncScript', {
    script: `const [argument, done] = arguments; Promise.resolve((${script})(argument)).then(done, (error) => done({ error: String(error) }));`, args: [argument],
  });
  page.until = (script, argument) => eventually(() => page.ask(script, argument)).catch(() => { throw new Error(`never came true: ${script} of ${argument}`); });
  page.text = (selector) => page.ask((one) => document.querySelector(one)?.textContent ?? null, selector);
  // Down and up, one after the other.
  page.press = (keys) => send('PerformActions', {
    actions: [{ type: 'key', id: 'keyboard', actions: [...keys].flatMap((value) => [{ type: 'keyDown', value }, { type: 'pause', duration: 20 }, { type: 'keyUp', value }]) }],
  });
  page.picture = async (file) => writeFileSync(file, Buffer.from(await send('TakeScreenshot', { full: false }), 'base64'));
  return page;
}
