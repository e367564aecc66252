// Small steps on the page. Text is always set as text: names of photos are never read as HTML.

export const by = (id) => document.getElementById(id);

export function say(id, text) {
  by(id).textContent = text;
  by(id).hidden = !text;
}

export function options(select, pairs) {
  const before = select.value;
  select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value)));
  select.value = pairs.some(([value]) => value === before) ? before : "";
}

export function button(key, text) {
  const cap = document.createElement("kbd");
  cap.textContent = key;
  return [cap, ` ${text}`];
}

export function rows(body, lines) {
  body.replaceChildren(
    ...lines.map(([head, ...rest]) => {
      const line = document.createElement("tr");
      const first = document.createElement("th");
      first.scope = "row";
      first.textContent = head;
      line.append(first, ...rest.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return line;
    }),
  );
}

let hush;
export function announce(text) {
  by("status").textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => (by("status").textContent = ""), 4000);
}
