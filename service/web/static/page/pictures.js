// Pictures of a visitor's own as ends: chosen, dropped or pasted; kept in this window only, and sent with each question.

let held = new Map();
const kept = new Map();

/** Keep what is held for a step of the history, and return its name; a page that was loaded anew knows none of before. */
export function keep() {
  const step = `${performance.timeOrigin} ${kept.size}`;
  kept.set(step, new Map(held));
  return step;
}

/** Hold what was held at a step of the history again. */
export function restore(step) {
  held = new Map(kept.get(step));
}

/** Hold no picture any more. */
export function forget() {
  held.clear();
}

/** Let the picture of one end be the other end. */
export function turn() {
  held = new Map([...held].map(([end, file]) => [end === "from" ? "to" : "from", file]));
}

/** Ask with whatever picture is an end; ends that the question names anew let go of theirs. */
export function withPictures(query, url) {
  for (const end of [...held.keys()]) {
    if (query.get(end) || query.get(`${end}_text`)) held.delete(end);
  }
  if (!held.size) {
    url.search = query;
    return fetch(url);
  }
  const form = new FormData();
  for (const [name, value] of query) form.append(name, value);
  for (const [end, file] of held) form.append(`${end}_image`, file);
  return fetch(url, { method: "POST", body: form });
}

/** Show the visitor's own pictures where the answer has a place for them. */
export function afterwards(path) {
  for (const image of path.querySelectorAll("img[data-sent]")) {
    const file = held.get(image.dataset.sent);
    if (!file) continue;
    image.src = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(image.src);
  }
}

/** Listen for files that are chosen, dropped or pasted; `taken(end)` is told where one is an end now, or "" where not. */
export function listen(taken) {
  const take = (end, file) => {
    const good = Boolean(file?.type.startsWith("image/"));
    if (good) held.set(end, file);
    taken(good ? end : "");
  };
  document.addEventListener("change", (event) => {
    const end = event.target.closest?.(".end");
    if (end && event.target.type === "file" && event.target.files.length) take(end.dataset.end, event.target.files[0]);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const end = event.target.closest?.(".end");
      const files = event.dataTransfer?.types.includes("Files");
      if (files) event.preventDefault();
      for (const one of document.querySelectorAll(".end")) one.classList.toggle("over", one === end && name === "dragover");
      if (name === "drop" && files && document.querySelector("input[type=file]")) {
        take(end?.dataset.end ?? "from", event.dataTransfer.files[0]);
      }
    });
  }
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file || !document.querySelector("input[type=file]")) return;
    event.preventDefault();
    take(document.activeElement.closest?.(".end")?.dataset.end ?? "from", file);
  });
}
