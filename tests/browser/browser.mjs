// The browser of the tests: playwright-core from the build's locked packages, driving Debian's chromium.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = path.resolve(root, process.env.EARFUL_BUILD ?? 'build/release');
const require = createRequire(path.join(build, 'npm/package.json'));

export const axeSource = require.resolve('axe-core/axe.min.js');

// more: switches of chromium.
export async function startBrowser(more = []) {
  const { chromium } = require('playwright-core');
  return chromium.launch({
    executablePath: process.env.EARFUL_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run', '--mute-audio', '--autoplay-policy=no-user-gesture-required', ...more],
  });
}
