// The programs under test, started by the tests: a collector and a station on free ports with the bundled
// calls.
import { startMock } from './mock_station.mjs';

export const kHostileQueue = '<img src=x onerror=alert(1)>';
export const kHostileAgent = '<b>Dana</b>';

export async function startStation(options = {}) {
  const mock = await startMock({ copies: 2, ...options });
  const port = new URL(mock.origin).port;
  return {
    address: mock.address, origin: mock.origin, mock,
    calls: async () => mock.calls.map(({ call_id, queue }) => ({ call_id, queue })),
    tags: async (id) => mock.calls.find((call) => call.call_id === id).list,
    stopCollector: async () => { mock.link = 'down'; },
    startCollector: async () => { mock.link = 'up'; mock.deliver(); },
    stopStation: () => mock.stop(),
    startStation: () => mock.start(Number(port)),
    stop: () => mock.stop(),
  };
}
