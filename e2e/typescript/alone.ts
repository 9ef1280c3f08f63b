// For the size of a page's part: `node:test` bundles this.
import { openMarket } from "../generated/market";

openMarket("/prices").on("price_changed", (event) => console.log(event.data.price));
