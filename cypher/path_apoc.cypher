// Find the cheapest path in the graph as it stands, while it is that of the version named; a target adds a cost of its own.
// $collection, $version, $source, $targets, $property
MATCH (:Meta {collection: $collection, version: $version})
MATCH (source:Artwork {collection: $collection, id: $source})
UNWIND keys($targets) AS id
MATCH (target:Artwork {collection: $collection, id: id})
CALL apoc.algo.dijkstra(source, target, 'SIMILAR', $property) YIELD path, weight
WITH path, weight
ORDER BY weight + $targets[id], id
LIMIT 1
RETURN weight AS cost, [node IN nodes(path) | node.id] AS ids, COLLECT {
  UNWIND range(0, length(path)) AS i
  WITH i, nodes(path)[i].id AS id
  MATCH (record:Record {collection: $collection, id: id})
  RETURN [i, record.record]
} AS records, [i IN range(0, length(path) - 1) |
  [i, relationships(path)[i].angle, relationships(path)[i].weight, relationships(path)[i].rank_out,
   relationships(path)[i].rank_in, relationships(path)[i].bridge]] AS steps
