// The clients that are not ours, each behind one function.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { EventSource as NpmEventSource } from 'eventsource';
import { EventSource as NpmEventSource4 } from 'eventsource-4';
import { EventSource as UndiciEventSource } from 'undici';
import { browse } from './browser.js';
import { start } from './process.js';
import { TARGET } from './server.js';

// Of the tickers' events, of a message without a type, and of a block that gives one to a place in the stream.
const TYPES = ['tick', 'tock', 'reset', 'message', 'cursor'];
const PYTHON = process.env.INTEROP_PYTHON ?? join(TARGET, 'interop-venv', 'bin', 'python');

/**
 * `open(url, receive)` connects, and stays connected until what it returns is called; `receive` gets each event's
 * `type`, `id` and `data`.
 *
 * `showsBareRetry`: whether a reconnection time counts that no event follows, as in the standard, and as a drain sends
 * it.
 *
 * `keepsBareId`: whether an event ID counts that nothing else is sent with, as in the standard.
 *
 * `showsBareId`: whether a block that has only an ID is taken for an empty message. In the standard it is none.
 */
export const CLIENTS = [
  {
    name: 'Chromium',
    open: openChromium,
    showsBareRetry: true,
    keepsBareId: true,
    showsBareId: false,
  },
  {
    name: 'npm eventsource 5',
    open: openEventSource(NpmEventSource),
    showsBareRetry: true,
    keepsBareId: true,
    showsBareId: false,
  },
  {
    name: 'npm eventsource 4',
    open: openEventSource(NpmEventSource4),
    showsBareRetry: true,
    keepsBareId: false,
    showsBareId: false,
  },
  {
    name: 'npm undici',
    open: openEventSource(UndiciEventSource),
    showsBareRetry: false,
    keepsBareId: true,
    showsBareId: false,
  },
  {
    name: 'PyPI httpx-sse',
    open: openProcess((...to) => startPython('httpx_sse_client.py', ...to)),
    showsBareRetry: false,
    keepsBareId: true,
    showsBareId: true,
  },
  {
    name: 'curl',
    open: openProcess(startCurl),
    showsBareRetry: true,
    keepsBareId: true,
    showsBareId: false,
  },
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
export function openProcess(run) {
  return async (url, receive) => {
    const client = await run(url, (line) => {
      const [id, type, data] = line.split('\t');
      receive({ id, type, data });
    });
    return () => client.stop();
  };
}

export async function startPython(client, url, onLine) {
  if (!existsSync(PYTHON)) throw new Error(`no ${PYTHON} with httpx-sse: scripts/check interop installs it`);
  return start(PYTHON, [path(client), url], { onLine });
}

async function startCurl(url, onLine) {
  await (await start('curl', ['--version'])).exited;
  // A group of its own, so that curl ends with the loop around it.
  return start('bash', [path('curl_client.sh'), url], { onLine, detached: true });
}

function path(name) {
  return fileURLToPath(new URL(`../clients/${name}`, import.meta.url));
}
