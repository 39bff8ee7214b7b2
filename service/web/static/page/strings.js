// What the page says: sent with it, so that one file holds it all.

const STRINGS = JSON.parse(document.getElementById("strings")?.textContent ?? "{}");

/** Return what stands for a key, with some values put in; of two forms the one for the count `n`. */
export function told(key, values = {}) {
  const [one, many] = (STRINGS[key] ?? key).split(" | ");
  const form = many && values.n !== 1 ? many : one;
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Let those who listen hear something. */
export function say(text) {
  const said = document.getElementById("said");
  if (!said) return;
  said.textContent = "";
  setTimeout(() => {
    said.textContent = text; // the same again is said again
  }, 50);
}
