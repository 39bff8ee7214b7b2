// Inside another site's page: say how high this one is.

const tell = () => {
  const height = Math.ceil(document.body.getBoundingClientRect().height); // of the document it would never be less than it was
  parent.postMessage({ type: "xdegrees:height", height }, "*");
};

new ResizeObserver(tell).observe(document.body);
addEventListener("load", tell);

for (const link of document.querySelectorAll("a[data-open], a[data-go]")) link.target = "_blank";
