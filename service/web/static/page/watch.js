// A page that stays open learns that the collection has changed: it asks now and then, and is mostly told "as before".

import { address } from "./address.js";
import { notice, go } from "./go.js";
import { told } from "./strings.js";

const SECONDS = 60;

/** Look now and then, while anybody looks at the page. */
export function watch() {
  setInterval(() => {
    if (document.visibilityState === "visible") look();
  }, 1000 * SECONDS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
}

/** Look once; the browser sends the tag of the answer before by itself. */
export async function look() {
  const shown = document.getElementById("path").dataset.graph;
  let answer;
  try {
    answer = await fetch(address("api/v1/graph"), { cache: "no-cache" });
  } catch {
    return;
  }
  if (!answer.ok || !shown) return;
  const version = String((await answer.json()).graph.version);
  if (version === shown) return;
  const link = Object.assign(document.createElement("a"), { textContent: told("js.changed.link") });
  const asked = new URL(document.getElementById("path").dataset.address, location.href);
  asked.searchParams.delete("ids");
  link.href = asked.href;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(asked.href);
  });
  notice(told("js.changed"), link);
}
