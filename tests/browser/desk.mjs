// What most files of browser tests begin with: a browser and a station of their own for as long as the file's tests
// run, and for each test a page with a call that no other test uses.
import { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { openCall, openConsole } from './page.mjs';
import { startStation } from './station.mjs';

// options: those of startStation(). What it gives is filled in before the first test.
export function useDesk(options = {}) {
  const desk = { browser: null, station: null, calls: [] };
  before(async () => {
    [desk.browser, desk.station] = await Promise.all([startBrowser(), startStation(options)]);
    desk.calls = await desk.station.calls();
  });
  after(async () => {
    await desk.browser?.close();
    await desk.station?.stop();
  });
  // options: those of openConsole().
  desk.fresh = async (more = {}) => {
    const page = await openConsole(desk.browser, desk.station.address, { as: 'Dana Levi', ...more });
    const call = desk.calls.shift();
    await openCall(page, call);
    return { page, call };
  };
  return desk;
}
