// The review page: what is shown, what a key does, and what is remembered of this window's verdicts.

import * as asking from "./asking.js";
import { isReject, prefetch, show, told, turnOver } from "./card.js";
import { open as openChanges } from "./changes.js";
import { announce, by, say } from "./dom.js";
import { NAMES, offer, progress, shown } from "./filters.js";

const UNDO = "undo"; // in the session's storage: [{key, before, after}], the last one last; a reload keeps it
let items = new Map();
let list = [];
let current = null;
let busy = false;

const done = () => JSON.parse(sessionStorage.getItem(UNDO) || "[]");
const remember = (steps) => sessionStorage.setItem(UNDO, JSON.stringify(steps));

async function load() {
  const found = await asking.queue();
  items = new Map(found.items.map((item) => [item.key, item]));
  offer(found.items);
  by("notes").replaceChildren(...found.notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })));
  render();
}

function render(wanted) {
  const all = [...items.values()];
  const before = wanted || current;
  list = shown(all);
  current = list.find((item) => before && item.key === before.key) || list[0] || null;
  const { all: count, done: looked } = progress(all);
  by("bar").max = Math.max(count, 1);
  by("bar").value = looked;
  say("count", count ? `${looked} of ${count} looked at` : "nothing to look at");
  by("card").hidden = current === null;
  by("empty").hidden = current !== null;
  const undoable = done().length > 0;
  by("undo").disabled = !undoable;
  if (current === null) return renderEmpty(all, count, undoable);
  show(current);
  const place = list.indexOf(current);
  by("previous").disabled = by("next").disabled = list.length < 2;
  prefetch(list[(place + 1) % list.length]);
}

function renderEmpty(all, count, undoable) {
  const todo = by("show").value === "todo";
  say("empty-head", todo && count ? "All looked at" : "Nothing here");
  const advice = all.filter((item) => item.kind === "advice").length;
  const more = advice ? ` ${advice} rejects cannot be accepted: choose them under Show to see what would help.` : "";
  const apply = all.some((item) => item.verdict !== null) ? "Run dvc repro to apply the verdicts." : "";
  say("empty-text", `${todo ? apply : "No item fits these filters."}${todo ? more : ""}`);
  by("undo-last").hidden = !undoable;
}

function step(by_) {
  if (list.length < 2) return;
  render(list[(list.indexOf(current) + by_ + list.length) % list.length]);
}

async function write(item, label) {
  if (busy) return false;
  busy = true;
  say("alert", "");
  try {
    item.verdict = (await asking.put(item, label)).verdict;
    return true;
  } catch (error) {
    say("alert", error.message);
    if (error.status === 409 || error.status === 404) await load();
    return false;
  } finally {
    busy = false;
  }
}

async function give(label) {
  const item = current;
  if (!item || item.kind === "advice" || label === null) return;
  const before = item.verdict;
  const after = list[list.indexOf(item) + 1] || list[list.indexOf(item) - 1];
  if (!(await write(item, label))) return;
  if (before !== item.verdict) remember([...done(), { key: item.key, before, after: item.verdict }]);
  announce(`${item.photo}, row ${item.row}, column ${item.col}: ${told(item)}`);
  render(after);
}

async function forget() {
  const item = current;
  if (!item || item.verdict === null) return;
  const before = item.verdict;
  if (!(await write(item, null))) return;
  remember([...done(), { key: item.key, before, after: null }]);
  announce("Verdict forgotten");
  render();
}

async function undo() {
  const steps = done();
  const last = steps.pop();
  const item = last && items.get(last.key);
  if (!item || item.verdict !== last.after) {
    remember(steps);
    announce(last ? "Not undone: another verdict was given there meanwhile" : "Nothing to undo");
    return render(item);
  }
  if (!(await write(item, last.before))) return;
  remember(steps);
  announce(`Undone: ${item.photo}, row ${item.row}, column ${item.col}`);
  by("show").value = item.verdict === null ? "todo" : "done";
  offer([...items.values()]);
  for (const name of NAMES) if (by(name).value && by(name).value !== (item[name] || "unknown")) by(name).value = "";
  render(item);
}

const keep = () => current && give(current.label === null ? null : String(current.label));
const KEYS = {
  k: keep, d: () => give("drop"), u: undo, f: forget,
  n: () => step(1), p: () => step(-1), ArrowRight: () => step(1), ArrowLeft: () => step(-1),
  w: () => current && turnOver(current), "?": () => by("help").showModal(),
};
for (let digit = 0; digit <= 9; digit++) KEYS[digit] = () => give(String(digit));

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || document.querySelector("dialog[open]")) return;
  if (event.target.matches("select, input")) return;
  const action = KEYS[event.key] || KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

for (let digit = 0; digit <= 9; digit++) {
  const one = Object.assign(document.createElement("button"), { type: "button", value: String(digit), textContent: digit });
  one.setAttribute("aria-keyshortcuts", String(digit));
  one.addEventListener("click", () => give(one.value));
  by("labels").append(one);
}
const CLICKS = {
  keep, drop: KEYS.d, undo, "undo-last": undo, forget, next: KEYS.n, previous: KEYS.p, strip: KEYS.w,
  keys: KEYS["?"], changed: openChanges,
};
for (const [id, action] of Object.entries(CLICKS)) by(id).addEventListener("click", action);
by("filters").addEventListener("change", (event) => {
  if (event.target === by("show")) offer([...items.values()]);
  render();
});
by("filters").addEventListener("submit", (event) => event.preventDefault());

const reload = () => load().catch((error) => say("alert", error.message));
document.addEventListener("visibilitychange", () => document.hidden || reload()); // another window, or dvc repro
window.addEventListener("focus", reload);
reload();
