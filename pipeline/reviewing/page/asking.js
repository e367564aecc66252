// Questions to the server. Every address is relative: the secret in the page's own address comes along.

export class Refused extends Error {
  constructor(status, said) {
    super(said.error || `the server answered ${status}`);
    this.status = status;
    this.said = said;
  }
}

async function answered(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Refused(0, { error: "mnist-cn review does not answer: has it been ended? Start it again." });
  }
  let said;
  try {
    said = await response.json();
  } catch {
    said = {};
  }
  if (!response.ok) throw new Refused(response.status, said);
  return said;
}

export const queue = () => answered("queue");
export const changes = () => answered("changes");
export const accuracy = () => answered("accuracy");
export const picture = (kind, item) => `picture/${kind}/${item.key}`;

export function put(item, label) {
  const body = JSON.stringify({ key: item.key, label, expected: item.verdict });
  return answered("verdict", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}
