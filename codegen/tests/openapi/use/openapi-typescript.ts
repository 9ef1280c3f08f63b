// What openapi-typescript makes of the document, in use.

import type { components, paths } from '../out/openapi-typescript';

type Content<Operation extends { responses: { 200: { content: Record<string, unknown> } } }> =
  Operation['responses'][200]['content']['text/event-stream'];
type Market = Content<paths['/prices/{symbol}']['get']>;
type Chat = Content<paths['/chat']['post']>;

/** Every event by its type, and no other. */
export function read(event: Market): string | number | null {
  switch (event.event) {
    case 'price_changed': {
      const venue: 'Nyse' | 'Lse' | null = event.data.venue;
      const [bid, offer]: [number, number] = event.data.spread;
      return event.data.price + bid + offer + (venue?.length ?? 0);
    }
    case 'story':
      return event.data.answers?.answers?.headline ?? event.data.headline;
    case 'line':
    case 'logo':
      return event.data;
    case 'tick':
      return event.data;
    case 'closed':
      return event.data.reason;
    case 'reset':
      return event.data.missed;
    default: {
      const none: never = event;
      return none;
    }
  }
}

/** Events without a name, by their tag. */
export function answer({ data }: Chat): string {
  if (data === '[DONE]') return data;
  return data.type === 'text_delta' ? data.text : String(data.tokens);
}

export function wrong(event: Market, changed: components['schemas']['MarketPriceChangedEvent']) {
  // @ts-expect-error: no such event
  if (event.event === 'price_change') return;
  // @ts-expect-error: no such field
  changed.data.prize;
  // @ts-expect-error: a number
  const price: string = changed.data.price;
  return price;
}
