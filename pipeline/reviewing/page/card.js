// The card: one digit in its row on the photo, what is thought of it, and what can be done.

import { picture } from "./asking.js";
import { button, by, say } from "./dom.js";

const percent = (share) => `${(100 * share).toFixed(1)}%`;
let whole = false;

export const isReject = (item) => item.kind === "reject";

export function told(item) {
  const rejected = isReject(item);
  if (item.verdict === "drop") return rejected ? "left out" : "dropped";
  if (rejected) return `accepted as ${item.verdict}`;
  return Number(item.verdict) === item.label ? `kept as ${item.verdict}` : `it is a ${item.verdict}`;
}

function question(item) {
  if (item.kind === "decided") return "Looked at before";
  if (item.kind === "advice") return "Nothing here can be accepted";
  if (isReject(item)) return `Left out by the reader. Is it a ${item.label}?`;
  return `Labelled ${item.label}. Is that right?`;
}

function opinion(item) {
  if (item.prediction === null) return "";
  return `The model reads ${item.prediction} (${percent(item.probability)}).`;
}

function place(item) {
  const parts = [item.photo];
  if (item.row !== null) parts.push(`row ${item.row}`);
  if (item.col !== null) parts.push(`column ${item.col}`);
  if (item.split) parts.push(`${item.split} digits`);
  return parts.join(" · ");
}

function pictures(item) {
  const row = by("row");
  const near = item.col !== null && !whole;
  by("strip").classList.toggle("whole", !near);
  by("strip").classList.remove("none");
  by("strip").setAttribute("aria-label", near ? "Show the whole photo" : "Show the row");
  row.onerror = () => {
    if (near) {
      row.src = picture("whole", item); // no place of its own: all of the photo
      row.onerror = () => nothing(row);
    } else nothing(row);
  };
  row.alt = near ? `The digit, outlined in its row on ${item.photo}` : `The photo ${item.photo}`;
  row.hidden = false;
  row.src = picture(near ? "strip" : "whole", item);
  const inked = item.kind !== "advice";
  by("digit").hidden = !inked;
  by("digit").onerror = () => (by("digit").hidden = true);
  by("digit").alt = "The digit as the network sees it, 28 by 28 pixels";
  if (inked) by("digit").src = picture("digit", item);
}

function nothing(row) {
  row.hidden = true;
  by("strip").classList.add("none");
}

export function show(item) {
  pictures(item);
  say("place", place(item));
  say("question", question(item));
  say("opinion", opinion(item));
  say("says", item.says ? `${item.reason}: ${item.says}` : "");
  say("advice", item.advice ? `Advice: ${item.advice}` : "");
  say("given", item.verdict === null ? "" : `Your verdict: ${told(item)}.`);
  by("test").hidden = item.split !== "test" || item.kind === "advice";
  by("verdicts").hidden = item.kind === "advice";
  by("forget").hidden = item.verdict === null;
  by("keep").hidden = item.label === null;
  by("keep").replaceChildren(...button("K", isReject(item) ? `Accept as ${item.label}` : `Keep ${item.label}`));
  by("drop").replaceChildren(...button("D", isReject(item) ? "Leave out" : "Drop"));
  by("drop").setAttribute("aria-pressed", String(item.verdict === "drop"));
  for (const one of by("labels").children) {
    const read = Number(one.value) === item.prediction;
    one.classList.toggle("read", read);
    one.setAttribute("aria-pressed", String(item.verdict === one.value));
    one.setAttribute("aria-label", `It is a ${one.value}${read ? ", as the model reads it" : ""}`);
  }
}

export function turnOver(item) {
  whole = !whole;
  pictures(item);
}

export function prefetch(item) {
  if (!item || item.col === null) return;
  for (const kind of ["strip", "digit"]) new Image().src = picture(kind, item);
}
