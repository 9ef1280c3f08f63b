// The clients that are not ours, each behind one function.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { EventSource as NpmEventSource } from 'eventsource';
import { EventSource as UndiciEventSource } from 'undici';
import { browse } from './browser.js';
import { start } from './process.js';
import { TARGET } from './server.js';

const TYPES = ['tick', 'tock', 'reset'];
const PYTHON = process.env.INTEROP_PYTHON ?? join(TARGET, 'interop-venv', 'bin', 'python');

/**
 * `open(url, receive)` connects, and stays connected until what it returns is called; `receive` gets each event's
 * `type`, `id` and `data`.
 *
 * `showsBareRetry`: whether a reconnection time counts that no event follows, as in the standard, and as a drain sends
 * it.
 */
export const CLIENTS = [
  { name: 'Chromium', open: openChromium, showsBareRetry: true },
  { name: 'npm eventsource', open: openEventSource(NpmEventSource), showsBareRetry: true },
  { name: 'npm undici', open: openEventSource(UndiciEventSource), showsBareRetry: false },
  { name: 'PyPI httpx-sse', open: openProcess(startPython), showsBareRetry: false },
  { name: 'curl', open: openProcess(startCurl), showsBareRetry: true },
];

async function openChromium(url, receive) {
  const { page, close } = await browse(new URL('/', url).href);
  await page.exposeFunction('receive', receive);
  await page.evaluate(
    ([url, types]) => {
      const source = new EventSource(url);
      const take = ({ type, lastEventId, data }) => window.receive({ type, id: lastEventId, data });
      for (const type of types) source.addEventListener(type, take);
    },
    [url, TYPES],
  );
  return close;
}

function openEventSource(EventSource) {
  return async (url, receive) => {
    const source = new EventSource(url);
    const take = ({ type, lastEventId, data }) => receive({ type, id: lastEventId, data });
    for (const type of TYPES) source.addEventListener(type, take);
    return async () => source.close();
  };
}

/** A client in another process prints a line per event. */
function openProcess(run) {
  return async (url, receive) => {
    const client = await run(url, (line) => {
      const [id, type, data] = line.split('\t');
      receive({ id, type, data });
    });
    return () => client.stop();
  };
}

async function startPython(url, onLine) {
  if (!existsSync(PYTHON)) throw new Error(`no ${PYTHON} with httpx-sse: scripts/check interop installs it`);
  return start(PYTHON, [path('httpx_sse_client.py'), url], { onLine });
}

async function startCurl(url, onLine) {
  await (await start('curl', ['--version'])).exited;
  // A group of its own, so that curl ends with the loop around it.
  return start('bash', [path('curl_client.sh'), url], { onLine, detached: true });
}

function path(name) {
  return fileURLToPath(new URL(`../clients/${name}`, import.meta.url));
}
