// List every edge at some artworks, each once, by the artwork it begins at.
// $collection, $ids
UNWIND $ids AS id
MATCH (artwork:Artwork {collection: $collection, id: id})-[edge:SIMILAR]-(:Artwork)
WITH DISTINCT edge, startNode(edge) AS a, endNode(edge) AS b
RETURN a.id AS a, collect([b.id, edge.angle, edge.weight, edge.rank_out, edge.rank_in, edge.bridge]) AS edges
