// List pairs whose edges cannot be read: more than one, from the larger id, or without a number.
// $collection
MATCH (a:Artwork {collection: $collection})-[edge:SIMILAR]->(b:Artwork)
WITH a, b, collect(edge) AS edges
WHERE size(edges) > 1 OR a.id >= b.id
  OR any(edge IN edges WHERE edge.angle IS NULL OR edge.weight IS NULL OR edge.rank_out IS NULL
    OR edge.rank_in IS NULL OR edge.bridge IS NULL)
RETURN a.id AS a, b.id AS b
