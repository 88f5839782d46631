// The browser of the tests: playwright-core from the build's locked packages, driving Debian's chromium.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = path.resolve(root, process.env.EARFUL_BUILD ?? 'build/release');
const require = createRequire(path.join(build, 'npm/package.json'));

export const axeSource = require.resolve('axe-core/axe.min.js');

const launching = (more) => ({
  executablePath: process.env.EARFUL_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--mute-audio', '--autoplay-policy=no-user-gesture-required', ...more],
});

// more: switches of chromium.
export async function startBrowser(more = []) {
  const { chromium } = require('playwright-core');
  return chromium.launch(launching(more));
}

// kill() ends it as a crash or a power cut would.
export async function startKillableBrowser() {
  const { chromium } = require('playwright-core');
  const server = await chromium.launchServer(launching([]));
  const gone = new Promise((resolve) => { server.process().on('exit', resolve); });
  const kill = () => {
    server.process().kill('SIGKILL');
    return gone;
  };
  return { browser: await chromium.connect(server.wsEndpoint()), kill };
}
