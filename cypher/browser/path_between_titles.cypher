// A path between two artworks: write parts of their titles
WITH 'artworks' AS collection, '' AS from, '' AS to
CALL (collection, from) {
  MATCH (a:Artwork {collection: collection}) WHERE toLower(a.title) CONTAINS toLower(from)
  RETURN a ORDER BY a.id LIMIT 1
}
CALL (collection, to, a) {
  MATCH (b:Artwork {collection: collection}) WHERE toLower(b.title) CONTAINS toLower(to) AND b <> a
  RETURN b ORDER BY b.id DESC LIMIT 1
}
CALL apoc.algo.dijkstra(a, b, 'SIMILAR', 'gentle') YIELD path
RETURN path
