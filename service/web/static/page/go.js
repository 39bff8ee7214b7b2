// From one path to another: the server sends the part that changes, the address says what it shows.

import { address } from "./address.js";
import { say, told } from "./strings.js";
import { afterwards, forget, keep, withPictures } from "./pictures.js";

const RETRY_SECONDS = 5;
const PICTURE_REFUSED = ["bad-picture", "too-large", "no-embedder"];
const SLOW = 700;
const WAITING = [429, 503];
const listeners = [];
let asked = 0;
let again = 0;

/** Call a function whenever another path is shown. */
export function whenShown(listener) {
  listeners.push(listener);
}

/** How often anything was asked: who waits before asking sees by it whether somebody else was quicker. */
export function count() {
  return asked;
}

/** Show what an address of the page says; `push` puts it into the history, `replace` in the place of where one is. */
export async function go(href, { push = true, replace = false, focus = "" } = {}) {
  const mine = ++asked;
  clearTimeout(again);
  const shown = document.getElementById("path");
  shown.setAttribute("aria-busy", "true");
  const query = new URL(href, location.href).searchParams;
  const slow = setTimeout(() => say(told("js.looking")), SLOW);
  let answer;
  let html;
  try {
    answer = await withPictures(query, address("parts/path"));
    html = await answer.text();
    if (!html.includes('id="path"')) throw new Error(`${answer.status}`); // a proxy's own page, while the service is away
  } catch {
    if (mine !== asked) return;
    shown.removeAttribute("aria-busy");
    notice(told("js.offline"));
    later(href, { push, replace, focus });
    return;
  } finally {
    clearTimeout(slow);
  }
  if (mine !== asked) return;
  put(html, focus);
  const path = document.getElementById("path");
  if (PICTURE_REFUSED.includes(path.dataset.code)) forget();
  const same = written(path) === location.href.split("#")[0];
  if (push && !replace && !same) history.pushState(keep(), "", written(path));
  else if (push || answer.ok) history.replaceState(push ? keep() : history.state, "", written(path));
  if (WAITING.includes(answer.status)) later(href, { push: false, focus }, answer.headers.get("Retry-After"));
}

/** Make the address say what is shown, after the page itself was loaded. */
export function settle() {
  const path = document.getElementById("path");
  if (Number(path.dataset.status) === 200) history.replaceState(null, "", written(path));
  else if (WAITING.includes(Number(path.dataset.status))) later(location.href, { push: false });
}

/** Whether the page shows what its address says already: only what stands behind a # has changed. */
export function isShown(href) {
  return href.split("#")[0] === written(document.getElementById("path"));
}

/** Say something above the path, until another path is shown. */
export function notice(text, link = null) {
  const place = document.getElementById("notice");
  place.hidden = !text;
  place.textContent = text ? `${text} ` : "";
  if (link) place.append(link);
}

function written(path) {
  return new URL(path.dataset.address, location.href).href;
}

function put(html, focus) {
  const old = document.getElementById("path");
  const held = focus || document.activeElement?.id;
  const typed = old.contains(document.activeElement) && !focus ? typing(document.activeElement) : null;
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  const scrolled = document.scrollingElement.scrollTop;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fresh = document.importNode(parsed.getElementById("path"), true);
  for (const one of fresh.querySelectorAll("noscript")) one.remove(); // the parser runs no scripts, so it made fields of it
  old.replaceWith(fresh);
  for (const id of open) fresh.querySelector(`#${id}`)?.setAttribute("open", "");
  document.scrollingElement.scrollTop = scrolled;
  document.title = fresh.dataset.title;
  notice("");
  afterwards(fresh);
  for (const listener of listeners) listener(fresh);
  (document.getElementById(held) ?? document.getElementById("heading"))?.focus({ preventScroll: true });
  typed?.(document.getElementById(held));
  const heading = [...fresh.querySelectorAll("#heading, #heading + .count")].map((one) => one.textContent);
  say(heading.join(". "));
}

/** Remember what somebody is typing; returns what puts it into the field that comes in the place of theirs. */
function typing(field) {
  if (!["text", "number"].includes(field.type) || field.value === field.defaultValue) return null;
  const { value, type } = field;
  const [start, end] = type === "text" ? [field.selectionStart, field.selectionEnd] : [0, 0];
  return (fresh) => {
    if (fresh?.type !== type) return;
    fresh.value = value;
    delete fresh.dataset.id;
    if (type === "text") fresh.setSelectionRange(start, end);
  };
}

function later(href, how, seconds = RETRY_SECONDS) {
  again = setTimeout(() => go(href, how), 1000 * Math.max(Number(seconds) || RETRY_SECONDS, 1));
}
