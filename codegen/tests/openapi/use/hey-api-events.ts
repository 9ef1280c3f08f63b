// The events that hey-api makes types of, in use. Its client yields payloads, so these are for a client of one's own.

import type { ChatResponse, MarketEvent, PricesResponses } from '../out/hey-api-events';

export function read(event: MarketEvent): string {
  switch (event.event) {
    case 'price_changed':
      return event.data.price.toFixed(2);
    case 'story':
      return event.data.headline;
    case 'line':
    case 'logo':
      return event.data;
    case 'tick':
      return String(event.data satisfies null);
    case 'closed':
      return event.data.reason;
    case 'reset':
      return event.data.reason;
    default:
      return event satisfies never;
  }
}

export const same = (event: PricesResponses[200]): MarketEvent => event;

export function wrong(event: MarketEvent, answer: ChatResponse) {
  // @ts-expect-error: no such event
  if (event.event === 'price_change') return;
  // @ts-expect-error: not without a look at the tag
  return answer.data.text;
}
