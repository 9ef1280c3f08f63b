// The page: a customer orders, the back office sends, and the table of orders is compared with what both were told.
//
// The compiler of TypeScript checks this file against the types of the events.
// @ts-check

import { Told } from "./told.js";

/** How long after an order was read from the table its event may still be on its way. */
const ON_ITS_WAY = 3_000;
const CUSTOMERS = ["ada", "grace", "linus"];

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);
const euros = (cents) => `€ ${(cents / 100).toFixed(2)}`;
const customer = () => element("customer").value;

let refused = 0;
/** What the tables say. */
let rows = { items: [], orders: [] };
let asks = 0;
/** When an order was first read from the table, by its number. */
const readAt = new Map();

const office = new Told("/office/events", later(drawOffice));
let own = new Told(`/customers/${customer()}/events`, later(drawCustomer));

/** At most once for each picture that the browser draws. */
function later(draw) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      draw();
    });
  };
}

async function post(path, body = {}) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  const text = await answer?.text().catch(() => "");
  return { ok: answer?.ok ?? false, ...(text ? JSON.parse(text) : {}) };
}

async function order(customer, item, card) {
  const answer = await post("/orders", { customer, item, card });
  if (!answer.ok) refused += 1;
  return answer;
}

/** Reads the tables so soon, which tell nobody by themselves. */
function ask(after) {
  clearTimeout(asks);
  asks = setTimeout(compare, after);
}

/** The table is read behind what was told, so what was told has to be in it. */
async function compare() {
  const told = office.orders.map(({ order }) => order);
  const answer = await fetch("/rows").catch(() => null);
  ask(1_000);
  if (!answer?.ok) return;
  rows = await answer.json();
  const inTable = new Set(rows.orders);
  for (const order of inTable) if (!readAt.has(order)) readAt.set(order, performance.now());
  const known = new Set(office.orders.map(({ order }) => order));
  const missing = rows.orders.filter((order) => !known.has(order) && performance.now() - readAt.get(order) > ON_ITS_WAY);
  fact("rows", inTable.size);
  fact("missing", office.state === "open" ? missing.length : 0, true);
  fact("phantoms", told.filter((order) => !inTable.has(order)).length, true);
  drawItems();
}

function fact(id, value, isWrong = false) {
  element(id).textContent = value;
  element(id).closest("dd").classList.toggle("wrong", isWrong && value > 0);
}

function drawItems() {
  if (element("items").childElementCount === rows.items.length) return;
  element("items").replaceChildren(
    ...rows.items.map(({ name, cents }) => {
      const pay = (label, card, kind) => {
        const button = Object.assign(document.createElement("button"), { textContent: label, className: kind });
        button.dataset.order = `${name} ${card}`;
        button.addEventListener("click", async () => {
          const answer = await order(customer(), name, card);
          said(answer.ok, answer.ok ? `Order ${answer.order} is placed.` : `Rolled back: ${answer.refused ?? "no answer"}.`);
        });
        return button;
      };
      const buttons = document.createElement("span");
      buttons.append(pay("card", "good", "main"), " ", pay("refused card", "refused", ""));
      return line("tr", "td", [name, euros(cents), buttons], [1]);
    }),
  );
}

function line(kind, cell, cells, numbers = []) {
  const line = document.createElement(kind);
  line.append(
    ...cells.map((content, n) => {
      const made = document.createElement(cell);
      made.append(content);
      if (numbers.includes(n)) made.className = "number";
      return made;
    }),
  );
  return line;
}

function said(isGood, text) {
  element("said").className = isGood ? "good" : "bad";
  element("said").textContent = text;
  fact("refused", refused);
}

function drawState(name, told) {
  element(`${name}-state`).textContent = told.state === "open" ? "live" : told.state;
  element(`${name}-state`).className = `state ${told.state}`;
  element(`${name}-cut`).textContent = told.state === "closed" ? "Connect" : "Disconnect";
  fact("twice", office.twice + own.twice, true);
}

function drawCustomer() {
  drawState("customer", own);
  const texts = own.events.map((event) => {
    if (event.type === "reset") return `Something was missed (${event.data.reason}).`;
    if (event.type === "stock_changed") return `${event.data.item}: ${event.data.left} left.`;
    const what = `Order ${event.data.order}: ${event.data.item}`;
    return event.type === "order_placed" ? `${what}, ${euros(event.data.cents)}: thank you.` : `${what} is on its way.`;
  });
  const lines = texts.reverse().map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  element("customer-told").replaceChildren(...lines);
}

function drawOffice() {
  drawState("office", office);
  const sent = new Set(office.events.flatMap((event) => (event.type === "order_sent" ? [event.data.order] : [])));
  const left = new Map(rows.items.map(({ name, stock }) => [name, stock]));
  for (const event of office.events) if (event.type === "stock_changed") left.set(event.data.item, event.data.left);
  element("stock").textContent = [...left].map(([item, left]) => `${item}: ${left} left`).join(" · ");
  const orders = office.orders;
  fact("told", new Set(orders.map(({ order }) => order)).size);
  ask(150);
  element("orders").replaceChildren(
    ...orders.reverse().map(({ order, customer, item, cents }) => {
      const send = Object.assign(document.createElement("button"), { textContent: "Send" });
      send.addEventListener("click", () => {
        send.disabled = true;
        post(`/orders/${order}/send`);
      });
      return line("tr", "td", [String(order), customer, item, euros(cents), sent.has(order) ? "sent" : send], [3]);
    }),
  );
}

/** Closed, it is told nothing. Opened again, it is told all that it has missed. */
function cut(told) {
  if (told.state === "closed") told.open();
  else told.close();
}

element("office-cut").addEventListener("click", () => cut(office));
element("customer-cut").addEventListener("click", () => cut(own));
element("customer").addEventListener("change", () => {
  own.close();
  own = new Told(`/customers/${customer()}/events`, later(drawCustomer));
  drawCustomer();
});
element("rush").addEventListener("click", async () => {
  element("rush").disabled = true;
  const before = refused;
  const items = rows.items.slice(0, 2);
  const orders = Array.from({ length: 20 }, (_, n) =>
    order(CUSTOMERS[n % CUSTOMERS.length], items[n % 5 === 0 ? 1 : 0].name, n % 3 === 1 ? "refused" : "good"),
  );
  const placed = (await Promise.all(orders)).filter(({ ok }) => ok).length;
  said(true, `${placed} placed, ${refused - before} rolled back.`);
  element("rush").disabled = false;
});

// For the test in a browser.
Object.assign(globalThis, { outbox: { office, own: () => own, rows: () => rows } });
compare().then(drawOffice);
