// What compiles, and what must not. A line behind `@ts-expect-error` that compiles is an error, too.

import { EventSource as NodeEventSource } from "eventsource";
import { openChat } from "../generated/chat";
import { openMarket, type MarketEvent, type PriceChanged } from "../generated/market";
import { openMarket as openExact } from "../generated/market-bigint";
import { openMarket as openText } from "../generated/market-string";
import { openMarket as openShared, TabSource } from "../generated/market-tabs.js";

const market = openMarket("/prices", { reopenAfter: 2000 });

market.on("price_changed", (event) => {
  const { symbol, price, note, sides }: PriceChanged = event.data;
  const name: string = symbol;
  const amount: number | null = price;
  const deep: string | undefined = note?.below[0]?.below[0]?.text;
  const side: "bid" | "ask" | null | undefined = sides["x"]?.[0];
  const [odd, even] = event.data["x-y"];
  const sum: number = odd + event.data.seq;
  void [name, amount, deep, side, even, sum, event.lastEventId.length, event.type satisfies "price_changed"];

  // @ts-expect-error no such field
  event.data.prize;
  // @ts-expect-error it can be null
  event.data.price.toFixed();
  // @ts-expect-error there are two
  event.data["x-y"][2];
  // @ts-expect-error a number is no text
  const text: string = event.data.seq;
  void text;
  // @ts-expect-error nobody changes what has come
  event.type = "price_changed";
});
// @ts-expect-error no such event
market.on("price_change", () => {});
// @ts-expect-error what an open type brings is not known
market.on("plugin", () => {});
market.on("audio", (event) => event.data.byteLength);
market.on("line", (event) => event.data.trim());
market.on("message", (event) => event.data satisfies "[DONE]");
market.onOther("plugin", (event) => JSON.parse(event.data));
market.onReset((event) => {
  const missed: number | null = event.data.missed;
  const unknown: boolean = event.data.reason === "unknown";
  // @ts-expect-error no such reason
  event.data.reason === "gone";
  void [missed, unknown];
});
market.onState((state) => state === "ended");
const forget: () => void = market.on("old", (event) => event.data.toFixed());
forget();

export async function read(): Promise<number> {
  let sum = 0;
  for await (const event of market) sum += taken(event);
  return sum;
}

function taken(event: MarketEvent): number {
  switch (event.type) {
    case "price_changed":
      return event.data.price ?? 0;
    case "traded":
      return event.data["ACME"]?.[0] ?? 0;
    case "old":
      return event.data;
    case "line":
    case "audio":
    case "message":
      return event.data.length;
    case "reset":
      return 0;
    default:
      // All of them are there.
      return event satisfies never;
  }
}

// @ts-expect-error one is missing
export function someTaken(event: MarketEvent): number {
  switch (event.type) {
    case "price_changed":
      return 1;
  }
}

const exact = openExact("/prices");
exact.on("price_changed", (event) => {
  const seq: bigint = event.data.seq + 1n;
  // @ts-expect-error a bigint is no number
  const number: number = event.data.seq;
  // @ts-expect-error nor do they mix
  event.data.seq + 1;
  // @ts-expect-error nor is it one to `Math`
  Math.max(event.data.seq, 1);
  void [seq, number];
});
exact.on("old", (event) => event.data satisfies bigint);
exact.on("traded", (event) => event.data["ACME"]?.[1] satisfies number | undefined);
openText("/prices").on("old", (event) => event.data satisfies string);

const chat = openChat(new URL("https://example.com/chat"), { EventSource: NodeEventSource, withCredentials: true });
chat.on("text_delta", (event) => event.data.text);
chat.on("stopped", (event) => event.data.reason?.length);
// @ts-expect-error it is called by its tag
chat.on("message", (event) => event.data.text);
// @ts-expect-error that of another event
chat.on("stopped", (event) => event.data.text);

const shared = openShared("/prices", { EventSource: TabSource });
shared.on("price_changed", (event) => event.data.symbol);
// @ts-expect-error also where JavaScript was generated
shared.on("price_changed", (event) => event.data.prize);
