// One artwork, large, over the page.

import { address } from "./address.js";
import { notice } from "./go.js";
import { told } from "./strings.js";

const dialog = document.getElementById("artwork");
let asked = 0;

/** Open what a link of the page leads to, without leaving it. */
export async function look(href) {
  const link = new URL(href, location.href);
  const place = link.pathname.slice(link.pathname.lastIndexOf("/artwork/") + 1);
  const part = address(`parts/${place}`);
  part.search = link.search;
  const mine = ++asked;
  let html;
  try {
    html = await (await fetch(part)).text();
  } catch {
    if (mine === asked) notice(told("js.offline.once"));
    return;
  }
  if (mine !== asked) return;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", dialog.dataset.close);
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(close, ...parsed.body.childNodes);
  if (!dialog.open) {
    history.pushState({ ...asObject(history.state), dialog: true }, ""); // the way back closes it
    dialog.showModal();
  }
  dialog.scrollTop = 0;
  dialog.querySelector("h1")?.focus();
}

/** Close it because something else is shown: whatever comes next takes its place in the history. */
export function away() {
  if (!dialog.open) return false;
  history.replaceState({ ...history.state, dialog: false }, "");
  dialog.close();
  return true;
}

/** Close it because the way back was taken; returns whether it was open. */
export function closedByBack() {
  if (!dialog.open || history.state?.dialog) return false;
  dialog.close();
  return true;
}

function asObject(state) {
  return state && typeof state === "object" ? state : { step: state };
}

dialog.addEventListener("close", () => {
  if (history.state?.dialog) history.back();
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
