// The page comes to life: without any of this it still shows a path, takes a form and follows links.

import { address } from "./address.js";
import { go, isShown, notice, settle, whenShown } from "./go.js";
import { away, closedByBack, look } from "./look.js";
import { forget, listen, restore, turn } from "./pictures.js";
import { copy } from "./share.js";
import { steer } from "./steer.js";
import { told } from "./strings.js";
import { watch } from "./watch.js";

whenShown(steer);
steer(document.getElementById("path"));
settle();
watch();

listen((end) => {
  if (!end) {
    notice(told("js.picture.wrong"));
    return;
  }
  const query = new URL(document.getElementById("path").dataset.address, location.href).searchParams;
  for (const name of [end, `${end}_text`, "ids"]) query.delete(name);
  const asked = address("");
  asked.search = query;
  go(asked.href, { focus: "heading" });
});

const mapButton = document.getElementById("map-show");
let showOnMap = null;

whenShown((path) => showOnMap?.(path.dataset.ids.split(" ")));

mapButton?.addEventListener("click", async () => {
  const place = document.getElementById("map-place");
  const open = mapButton.getAttribute("aria-expanded") !== "true";
  mapButton.setAttribute("aria-expanded", String(open));
  mapButton.textContent = open ? told("map.hide") : told("map.show");
  place.hidden = !open;
  if (!open || showOnMap) return;
  showOnMap = () => {};
  const { openMap } = await import("./map/map.js");
  showOnMap = await openMap(place, (id) => {
    const link = address(`artwork/${id}`);
    link.search = new URL(document.getElementById("path").dataset.address, location.href).search;
    look(link.href);
  });
  showOnMap?.(document.getElementById("path").dataset.ids.split(" "));
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("a[data-go], a[data-open], button[data-copy]");
  if (!target || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if ("copy" in target.dataset) copy(target);
  else if ("open" in target.dataset) look(target.href);
  else {
    const replace = away();
    if ("anew" in target.dataset) forget();
    if (target.id === "swap") turn();
    go(target.href, { replace });
  }
});

addEventListener("popstate", (event) => {
  if (closedByBack() || isShown(location.href)) return;
  restore(event.state?.step ?? event.state);
  go(location.href, { push: false });
});
