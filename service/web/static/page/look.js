// One artwork, large, over the page.

import { address } from "./address.js";

const dialog = document.getElementById("artwork");

/** Open what a link of the page leads to, without leaving it. */
export async function look(href) {
  const link = new URL(href, location.href);
  const place = link.pathname.slice(link.pathname.lastIndexOf("/artwork/") + 1);
  const part = address(`parts/${place}`);
  part.search = link.search;
  let answer;
  try {
    answer = await fetch(part);
  } catch {
    answer = null;
  }
  if (!answer?.ok) {
    location.href = href;
    return;
  }
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", dialog.dataset.close);
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(close, ...parsed.body.childNodes);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector("h1")?.focus();
}

/** Go back to the page. */
export function away() {
  if (dialog.open) dialog.close();
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
