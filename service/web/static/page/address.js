// Addresses of this service, under whatever prefix it is reached.

const root = new URL("../../", import.meta.url);

/** Return the address of a path such as "api/v1/artworks". */
export function address(path, query = {}) {
  const found = new URL(path, root);
  for (const [name, value] of Object.entries(query)) found.searchParams.append(name, value);
  return found;
}
