// The same two artworks at all four paces: how many artworks, how large the largest step
WITH 'artworks' AS collection, '' AS from, '' AS to
CALL (collection, from) {
  MATCH (a:Artwork {collection: collection}) WHERE toLower(a.title) CONTAINS toLower(from)
  RETURN a ORDER BY a.id LIMIT 1
}
CALL (collection, to, a) {
  MATCH (b:Artwork {collection: collection}) WHERE toLower(b.title) CONTAINS toLower(to) AND b <> a
  RETURN b ORDER BY b.id DESC LIMIT 1
}
UNWIND [['direct', 'weight'], ['balanced', 'balanced'], ['gentle', 'gentle'], ['scenic', 'scenic']] AS pace
CALL apoc.algo.dijkstra(a, b, 'SIMILAR', pace[1]) YIELD path
RETURN pace[0] AS pace, length(path) + 1 AS artworks,
  reduce(most = 0.0, step IN relationships(path) | CASE WHEN step.weight > most THEN step.weight ELSE most END) AS largest_step,
  [artwork IN nodes(path) | artwork.title] AS titles
