// hey-api's own client in use: `client.test.js` runs it against the server.

import { chat, prices } from '../out/hey-api';
import type { MarketClosed, MarketPayload, MarketPriceChanged, Venue } from '../out/hey-api';
import { createClient } from '../out/hey-api/client';

/** Whether it is this event: the client yields no event types. */
const isPrice = (payload: MarketPayload): payload is MarketPriceChanged =>
  typeof payload === 'object' && payload !== null && 'price' in payload;
const isClosed = (payload: MarketPayload): payload is MarketClosed =>
  typeof payload === 'object' && payload !== null && 'reason' in payload && !('missed' in payload);

/** A day of prices, and what the client knows beside the payloads. */
export async function day(baseUrl: string) {
  const client = createClient({ baseUrl });
  const seen: { event?: string; id?: string }[] = [];
  const total = { price: 0, venues: [] as (Venue | null)[], closed: '', payloads: [] as MarketPayload[] };
  const { stream } = await prices({
    client,
    path: { symbol: 'ACME' },
    onSseEvent: ({ event, id }) => seen.push({ event, id }),
    onSseError: (error) => {
      throw error;
    },
    sseMaxRetryAttempts: 1,
  });
  for await (const payload of stream) {
    total.payloads.push(payload);
    if (isPrice(payload)) {
      total.price += payload.price;
      total.venues.push(payload.venue);
    }
    if (isClosed(payload)) total.closed = payload.reason;
  }
  return { ...total, seen };
}

/** An answer, until it is done. */
export async function answer(baseUrl: string) {
  let text = '';
  let tokens = 0;
  const { stream } = await chat({ client: createClient({ baseUrl }), sseMaxRetryAttempts: 1 });
  for await (const payload of stream) {
    if (payload === '[DONE]') break;
    if (payload.type === 'text_delta') text += payload.text;
    else tokens += payload.tokens;
  }
  return { text, tokens };
}

export function wrong(payload: MarketPayload, price: MarketPriceChanged) {
  // @ts-expect-error: not every payload has one
  payload.price;
  // @ts-expect-error: no such field
  price.prize;
  // @ts-expect-error: a number
  const text: string = price.price;
  return text;
}
