// List edges whose cost at a pace does not follow from their weight, by the artwork they begin at.
// $collection
MATCH (a:Artwork {collection: $collection})-[edge:SIMILAR]->(b:Artwork)
WHERE edge.angle IS NOT NULL AND edge.weight IS NOT NULL AND edge.rank_out IS NOT NULL
  AND edge.rank_in IS NOT NULL AND edge.bridge IS NOT NULL
  AND NOT coalesce(abs(edge.balanced - edge.weight ^ 4) <= 1e-9 * edge.weight ^ 4
    AND abs(edge.gentle - edge.weight ^ 8) <= 1e-9 * edge.weight ^ 8
    AND abs(edge.scenic - edge.weight ^ 16) <= 1e-9 * edge.weight ^ 16, false)
RETURN a.id AS a, collect([b.id, edge.angle, edge.weight, edge.rank_out, edge.rank_in, edge.bridge]) AS edges
