// Opens each of the URLs on standard input with Chromium's `EventSource`, until it gives up, and prints what came.

import { text } from 'node:stream/consumers';
import { browse } from './browser.js';

/** In milliseconds: a few reconnection times of the browser's own. */
const LONGEST = 100_000;
const TYPES = ['message', 'number', 'done'];

const urls = JSON.parse(await text(process.stdin));
const { page, close } = await browse('about:blank');
const seen = await Promise.all(urls.map(read));
await close();
process.stdout.write(JSON.stringify(seen));

async function read(url) {
  const own = await page.context().newPage();
  await own.goto(`${url}/page`);
  return own.evaluate(
    ([types, longest]) =>
      new Promise((resolve) => {
        const events = [];
        const source = new EventSource('/a');
        const end = (closed) => resolve({ events, closed });
        for (const type of types) {
          source.addEventListener(type, ({ data, lastEventId }) => events.push({ type, data, id: lastEventId }));
        }
        source.addEventListener('error', () => source.readyState === EventSource.CLOSED && end(true));
        setTimeout(end, longest, false);
      }),
    [TYPES, LONGEST],
  );
}
