// What leaves the page: links and snippets copied.

import { say, told } from "./strings.js";

/** Copy what a button holds, and say so on it. */
export async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said(button, told("js.copied"));
  } catch {
    const area = document.getElementById("snippet");
    document.getElementById("embed").open = true;
    area.value = button.dataset.copy;
    area.focus();
    area.select();
    said(button, told("js.copy.failed"));
  }
}

function said(button, text) {
  button.dataset.before ??= button.textContent;
  const { before } = button.dataset; // pressed twice, it still says in the end what it does
  button.textContent = text;
  say(text);
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}
