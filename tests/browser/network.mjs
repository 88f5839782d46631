// A name and an address of this machine that are not the station's loopback, for who comes from elsewhere.
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { startBrowser } from './browser.mjs';

export const kHost = 'earful.example.com';
export const kAddress = '127.0.0.5';

// All held at once: of two asked for one after the other, both may be the same.
export async function freePorts(count) {
  const probes = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const probe = net.createServer().listen(0, kAddress, () => resolve(probe));
  })));
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => { probe.close(resolve); })));
  return ports;
}

// It takes the name for that address and any certificate for good.
export const startNetworkBrowser = () => startBrowser([`--host-resolver-rules=MAP ${kHost} ${kAddress}`, '--ignore-certificate-errors']);

// The settings of an entrance for personal links, with a certificate of its own.
export function httpsEntrance(folder, port) {
  const [cert, key] = ['pem', 'key'].map((kind) => path.join(folder, `server.${kind}`));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-out', cert, '-keyout', key,
    '-subj', `/CN=${kHost}`, '-days', '2', '-addext', `subjectAltName=DNS:${kHost}`], { stdio: 'ignore' });
  return `[http]\nlisten = "${kAddress}:${port}"\npublic_origin = "https://${kHost}:${port}"\ntls_cert = "${cert}"\ntls_key = "${key}"\n`;
}
