// What the verdicts changed: digits, and accuracy before and after with its paired interval.

import { accuracy, changes } from "./asking.js";
import { by, rows, say } from "./dom.js";

const EFFECTS = {
  relabelled: "digits relabelled",
  confirmed: "labels confirmed",
  dropped: "digits dropped",
  accepted: "rejects accepted",
  left: "rejects left out",
};
const percent = (share) => `${(100 * share).toFixed(2)}%`;
const points = (share) => `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(100 * share).toFixed(2)}`;

export async function open() {
  by("changes").showModal();
  say("comparing", "Comparing the last commit with what lies here: this takes some seconds.");
  by("compared").hidden = true;
  try {
    await Promise.all([digits(), compared()]);
  } catch (error) {
    say("waiting", error.message);
  }
}

async function digits() {
  const found = await changes();
  const waits = found.waiting ? "Some verdicts are not applied yet: run dvc repro, then look here again." : "";
  say("waiting", waits || (found.lines ? "The last run applied them all." : "There are no verdicts yet."));
  const lines = Object.entries(EFFECTS).map(([name, text]) => [text, found.committed[name], found.applied[name]]);
  rows(by("effects"), lines);
}

async function compared() {
  const found = await accuracy();
  if (found.error) {
    say("comparing", `No comparison: ${found.error}`);
    return;
  }
  const lines = found.sources.map((one) => [
    one.shown_as || one.name,
    one.n.toLocaleString("en"),
    `${percent(1 - one.errors_before / one.n)} (${one.errors_before} errors)`,
    `${percent(1 - one.errors_after / one.n)} (${one.errors_after} errors)`,
    `${points(one.gain)} points (${points(one.ci95_low)} to ${points(one.ci95_high)}); ${one.sentence}`,
  ]);
  rows(by("accuracy"), lines);
  by("compared").hidden = false;
  const left = found.left_out ? `${found.left_out} test digits were added, dropped or relabelled and are not compared.` : "";
  say("comparing", left);
}
