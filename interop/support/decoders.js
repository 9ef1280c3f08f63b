// More clients that are not ours: they do not come back by themselves, or not from the proper end of a stream, so that
// not every test is for them. As `CLIENTS` in `clients.js`.

import { fileURLToPath } from 'node:url';
import { createParser } from 'eventsource-parser';
import { Stream } from 'openai/core/streaming';
import { browse } from './browser.js';
import { openProcess, startPython } from './clients.js';

const RECONNECTION_TIME = 100;

export const DECODERS = [
  {
    name: 'npm @microsoft/fetch-event-source',
    open: openFetchEventSource,
    keepsBareId: true,
    showsBareId: true,
  },
  {
    name: 'npm eventsource-parser, `onId`',
    open: openDecoder(decodeWithParser),
    keepsBareId: true,
    showsBareId: false,
  },
  {
    name: 'npm openai',
    open: openDecoder(decodeWithOpenai),
    // It has no event IDs.
    keepsBareId: false,
    showsBareId: false,
  },
  {
    name: 'PyPI sseclient-py',
    open: openProcess((...to) => startPython('sseclient_client.py', ...to)),
    keepsBareId: false,
    showsBareId: false,
  },
];

async function openFetchEventSource(url, receive) {
  const { page, close } = await browse(new URL('/', url).href);
  // Its modules name each other without the end of their names.
  const modules = fileURLToPath(new URL('../esm/', import.meta.resolve('@microsoft/fetch-event-source')));
  await page.route('**/esm/*', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    return route.fulfill({ contentType: 'text/javascript', path: `${modules}${name}.js` });
  });
  await page.exposeFunction('receive', receive);
  await page.evaluate(async (url) => {
    const { fetchEventSource } = await import('/esm/fetch');
    const onmessage = ({ event, id, data }) => window.receive({ type: event || 'message', id, data });
    fetchEventSource(url, { onmessage, openWhenHidden: true });
  }, url);
  return close;
}

/** `decode` yields the events of a response, and tells of an ID that comes without one. */
function openDecoder(decode) {
  return async (url, receive) => {
    const closed = new AbortController();
    let lastEventId = '';
    const onId = (id) => (lastEventId = id);
    const connect = async () => {
      const headers = lastEventId ? { 'last-event-id': lastEventId } : {};
      const response = await fetch(url, { headers, signal: closed.signal });
      if (!response.body) return;
      for await (const event of decode(response, onId)) receive(event);
    };
    const stay = async () => {
      while (!closed.signal.aborted) {
        await connect().catch((error) => {
          // That it fails at what it was sent; else the connection is cut.
          if (error instanceof SyntaxError) receive({ type: 'failed', data: error.message });
        });
        await new Promise((next) => setTimeout(next, RECONNECTION_TIME));
      }
    };
    const ended = stay();
    return () => (closed.abort(), ended);
  };
}

async function* decodeWithParser({ body }, onId) {
  const events = [];
  const onEvent = ({ event = 'message', id, data }) => events.push({ type: event, id, data });
  const parser = createParser({ onEvent, onId });
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    parser.feed(text);
    yield* events.splice(0);
  }
}

async function* decodeWithOpenai(response) {
  // An application's client, of which it needs the logger only, and no credentials.
  const stream = Stream.fromSSEResponse(response, new AbortController(), {}, true);
  for await (const { event, data } of stream) yield { type: event ?? 'message', data: JSON.stringify(data) };
}
