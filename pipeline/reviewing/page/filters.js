// Which items are shown, in which order, and how many of them are done.

import { by, options } from "./dom.js";

export const NAMES = ["source", "split", "reason"];
const FOR_VERDICT = ["suspect", "reject"];

function chosen(item) {
  return NAMES.every((name) => !by(name).value || by(name).value === (item[name] || "unknown"));
}

export function shown(items) {
  const show = by("show").value;
  return items.filter((item) => {
    if (!chosen(item)) return false;
    if (show === "advice") return item.kind === "advice";
    return item.kind !== "advice" && (item.verdict === null) === (show === "todo");
  });
}

export function progress(items) {
  const counted = items.filter((item) => FOR_VERDICT.includes(item.kind) && chosen(item));
  return { all: counted.length, done: counted.filter((item) => item.verdict !== null).length };
}

export function offer(items) {
  const advice = by("show").value === "advice";
  for (const name of NAMES) {
    const counts = new Map();
    for (const item of items.filter((one) => (one.kind === "advice") === advice)) counts.set(item[name] || "unknown", (counts.get(item[name] || "unknown") || 0) + 1);
    const found = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
    options(by(name), [["", `every ${name}`], ...found.map(([value, n]) => [value, `${value} (${n})`])]);
  }
}
