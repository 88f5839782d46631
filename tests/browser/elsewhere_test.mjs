// People on other machines: behind nginx, which knows them, and by a personal link. Chromium takes a name for
// an address of this machine that is not the station's loopback.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { root } from './browser.mjs';
import { freePorts, httpsEntrance, kAddress, kHost, startNetworkBrowser } from './network.mjs';
import { closeConsole, expectTags, expectText, kDesktop, kPhone, openCall, openConsole, openLive, seek } from './page.mjs';
import { startStation } from './station.mjs';

const kWaitMs = 20_000;

let browser;
let site;
let small;
let nginx;
let origin;
let smallOrigin;

async function answers(port) {
  for (const deadline = Date.now() + kWaitMs; ;) {
    const open = await new Promise((resolve) => {
      const probe = net.connect(port, kAddress, () => resolve(true)).on('error', () => resolve(false));
      probe.on('connect', () => probe.destroy());
    });
    if (open) return;
    assert.ok(Date.now() < deadline, 'nginx does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

before(async () => {
  const [port, smallPort] = await freePorts(2);
  origin = `https://${kHost}:${port}`;
  smallOrigin = `https://${kHost}:${smallPort}`;
  const bySocket = (home) => `[http]\nlisten = "unix:${home}/console.sock"\npublic_origin = "${origin}"\nidentity_header = "X-Forwarded-User"\n`;
  [browser, site] = await Promise.all([
    startNetworkBrowser(),
    startStation({ recordings: 4, captures: { desk: 'tone:440' }, settings: bySocket }),
  ]);
  nginx = spawn('/usr/bin/python3', [path.join(root, 'tests/e2e/reverse_proxy.py'), `${site.home}/nginx`, `${site.home}/console.sock`, kAddress, port],
    { stdio: 'inherit', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  await answers(port);
  small = await startStation({ recordings: 1, settings: (home) => httpsEntrance(home, smallPort) });
});

after(async () => {
  await browser?.close();
  await small?.stop();
  nginx?.kill();
  await site?.stop();
});

// Somebody's own browser: nobody says who they are but nginx.
async function enter(name, options = {}) {
  const context = await browser.newContext({ viewport: kDesktop, locale: 'en-GB', httpCredentials: { username: name, password: name }, ...options });
  const page = await openConsole(browser, `${origin}/`, { context });
  await expectText(page, '#who', new RegExp(`^${name}$`));
  return page;
}

const phone = { viewport: kPhone, hasTouch: true, isMobile: true };

test('Two people elsewhere hear a call, tag it and see each other', async () => {
  const noa = await enter('noa@example.com');
  const dana = await enter('דנה', { ...phone, locale: 'he-IL' });
  assert.equal(await noa.evaluate(() => isSecureContext), true);
  assert.equal(await noa.locator('dialog, #who[aria-label]').count(), 0, 'nobody is asked who they are, or may change it');
  const [call] = await site.calls();
  for (const page of [noa, dana]) {
    await openCall(page, call);
    await page.click('#unfold'); // nobody has heard it yet
  }
  await seek(noa, 1000);
  await noa.keyboard.press('KeyQ');
  await expectTags(dana, ['wrong-charge delivered']);
  await expectText(dana, '#tags', /noa@example\.com/);
  await seek(dana, 2000);
  await dana.locator('#key-broken-promise').tap();
  await expectTags(noa, ['wrong-charge delivered', 'broken-promise delivered']);
  await expectText(noa, '#tags', /דנה/);
  assert.deepEqual((await site.tags(call.call_id)).map((tag) => tag.listener.name), ['noa@example.com', 'דנה']);
  await Promise.all([closeConsole(noa), closeConsole(dana)]);
});

test('A call that goes on is heard elsewhere', async () => {
  const page = await enter('noa@example.com');
  const { call_id: live } = await site.capture('desk', 'start');
  await openLive(page, live);
  await page.keyboard.press('KeyQ');
  await page.waitForSelector('#tags > li[data-state=delivered]');
  await site.capture('desk', 'stop');
  await closeConsole(page);
});

test('The proxy’s header is believed from the proxy alone', async () => {
  const answer = await fetch(`${site.origin}/api/v1/session`, { headers: { 'X-Forwarded-User': 'noa@example.com' } });
  assert.equal(answer.status, 401);
  const dana = await enter('דנה', { extraHTTPHeaders: { 'X-Forwarded-User': 'noa@example.com' } });
  await closeConsole(dana);
});

test('A personal link opens the console as one person, and a removed one says what to do', async () => {
  const link = small.says('listener add', 'Noa', '--public-origin', smallOrigin).trim();
  const page = await openConsole(browser, link, { context: await browser.newContext({ viewport: kPhone, locale: 'he-IL' }) });
  await expectText(page, '#who', /^Noa$/);
  assert.ok(!page.url().includes('token'));
  const [call] = await small.calls();
  await openCall(page, call);
  await page.locator('#key-broken-promise').click();
  await expectTags(page, ['broken-promise delivered']);
  small.says('listener remove', 'Noa');
  await page.reload();
  await page.waitForSelector('main.plain h1');
  await expectText(page, 'main', /הקישור האישי/);
  await closeConsole(page);
});
