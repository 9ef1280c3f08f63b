// The page: who is logged in, which topics it reads, and what has arrived.
//
// The compiler of TypeScript checks this file against the types of the events.
// @ts-check

import { openNotice } from "./notice.js";

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);
/** @type {(keyof import("./notice.js").NoticeEvents)[]} */
const KINDS = ["news", "order", "salary", "reset", "access_ended"];
const SHOWN = 100;

let session = null;
/** @type {ReturnType<typeof openNotice> | null} */
let source = null;
/** Where a new stream goes on: it would not know by itself. */
let lastEventId = "";
let expires = 0;
let timer = null;
let failures = 0;
/** Tells an answer that came too late from the one that is waited for. */
let attempt = 0;

const by = () => /** @type {any} */ (document.querySelector("[name=by]:checked")).value;
const topics = () => [...element("topics").querySelectorAll(":checked")].map((box) => box.value);

/** The content type alone makes browsers ask first before another site's page may send it. */
function post(path, body = {}) {
  const headers = { "content-type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
}

/** Opens the stream, or opens it anew with a new token: the old one ends when the new one can begin. */
async function open() {
  clearTimeout(timer);
  const mine = ++attempt;
  const query = new URLSearchParams();
  if (by() === "token") {
    const answer = await post("/token", { topics: topics() }).catch(() => null);
    if (mine !== attempt) return;
    if (!answer?.ok) return refused();
    const { token, expires_in } = await answer.json();
    if (mine !== attempt) return;
    query.set("token", token);
    expires = performance.now() + 1000 * expires_in;
    // Well before the end, and not all pages at once after a restart of the server.
    timer = setTimeout(open, 1000 * expires_in * (0.7 + 0.2 * Math.random()));
  } else {
    query.set("topics", topics().join(","));
    expires = 0;
  }
  leaveStream();
  const opened = (source = openNotice(`/events?${query}`, { lastEventId }));
  opened.onState((now) => opened === source && became(now));
  for (const kind of KINDS) opened.on(kind, arrived);
}

/** A lost connection comes back by itself. One that was refused does not. */
function became(now) {
  if (now === "open") {
    failures = 0;
    state("live", "live");
  } else {
    state("waiting", "connecting");
    if (now === "closed") refused();
  }
}

function leaveStream() {
  const left = source;
  source = null;
  left?.close();
}

/** Finds out why, since an EventSource does not say. */
async function refused() {
  const mine = attempt;
  const before = topics();
  const answer = await fetch("/session").catch(() => null);
  if (mine !== attempt) return;
  if (answer?.status === 401) {
    leave();
    element("refused").textContent = "Your session has ended.";
    return;
  }
  if (!answer?.ok) return again();
  enter(await answer.json());
  const lost = before.filter((topic) => !session.topics.includes(topic));
  if (lost.length > 0) element("note").textContent = `Not yours to read any more: ${lost.join(", ")}.`;
  if (topics().length === 0) close("ended", "no topic to read");
  else if (lost.length > 0) open();
  else again();
}

function again() {
  clearTimeout(timer);
  state("waiting", "waiting to try again");
  timer = setTimeout(open, Math.min(30_000, 500 * 2 ** failures++) * (0.5 + Math.random()));
}

function close(kind = "", text = "closed") {
  clearTimeout(timer);
  attempt += 1;
  leaveStream();
  expires = 0;
  state(kind, text);
}

/** @param {import("./notice.js").NoticeEvent} event */
function arrived(event) {
  const kind = event.type;
  // The last words of the server, and a reset, have no ID of their own: what is known stays.
  if (event.lastEventId) lastEventId = event.lastEventId;
  element("last").textContent = lastEventId || "none";
  const line = document.createElement("li");
  const own = kind === "reset" || kind === "access_ended";
  for (const [name, text] of [["id", own ? "" : event.lastEventId], [own ? "own" : "kind", kind], ["data", JSON.stringify(event.data)]]) {
    const cell = document.createElement("span");
    cell.className = name;
    cell.textContent = text;
    line.append(cell);
  }
  element("arrived").prepend(line);
  while (element("arrived").childElementCount > SHOWN) element("arrived").lastElementChild.remove();
  // Its URL is worth nothing any more: the browser need not try it.
  if (kind === "access_ended") open();
}

function state(kind, text) {
  element("state").className = kind;
  element("state").textContent = text;
}

function enter(known) {
  const chosen = session === null ? known.topics : topics();
  session = known;
  element("name").textContent = known.user;
  element("topics").replaceChildren(
    ...known.topics.map((topic) => {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", value: topic });
      box.checked = chosen.includes(topic);
      label.append(box, topic);
      return label;
    }),
  );
  element("admin").hidden = !known.admin;
  element("login").hidden = true;
  element("inside").hidden = element("who").hidden = false;
}

/** Nothing that one user has seen is left for the next. */
function leave() {
  close();
  session = null;
  lastEventId = "";
  element("last").textContent = "none";
  element("arrived").replaceChildren();
  element("note").textContent = "";
  element("login").hidden = false;
  element("inside").hidden = element("who").hidden = true;
}

element("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await post("/login", Object.fromEntries(new FormData(form))).catch(() => null);
  if (answer?.ok) {
    enter(await answer.json());
    form.reset();
    element("refused").textContent = "";
    open();
  } else {
    const wrong = answer?.status === 401;
    element("refused").textContent = wrong ? "Wrong user or password." : "The server refuses: see its log.";
  }
});
element("logout").addEventListener("click", async () => {
  await post("/logout").catch(() => null);
  leave();
});
element("open").addEventListener("click", () => {
  element("note").textContent = "";
  open();
});
element("close").addEventListener("click", () => close());
element("rights").addEventListener("submit", async (event) => {
  event.preventDefault();
  const allowed = event.submitter.value === "grant";
  const answer = await post("/admin/rights", { ...Object.fromEntries(new FormData(event.target)), allowed });
  element("changed").textContent = answer.ok ? "done" : `refused (${answer.status})`;
});
setInterval(() => {
  const left = Math.ceil((expires - performance.now()) / 1000);
  element("token").textContent = left > 0 ? `good for ${left} s` : "none";
}, 250);
fetch("/session").then(async (answer) => (answer.ok ? (enter(await answer.json()), open()) : leave()), leave);
