// Find the cheapest few paths in a graph in memory, best first, while it is that of the version named.
// $collection, $version, $source, $target, $projection, $pace, $count
MATCH (:Meta {collection: $collection, version: $version})
MATCH (source:Artwork {collection: $collection, id: $source})
MATCH (target:Artwork {collection: $collection, id: $target})
CALL gds.shortestPath.yens.stream(
  $projection, {sourceNode: source, targetNode: target, k: $count, relationshipWeightProperty: $pace,
    logProgress: false, sudo: true}
) YIELD totalCost, nodeIds
WITH totalCost, gds.util.asNodes(nodeIds) AS nodes
RETURN totalCost AS cost, [node IN nodes | node.id] AS ids, COLLECT {
  UNWIND range(0, size(nodes) - 1) AS i
  WITH i, nodes[i].id AS id
  MATCH (record:Record {collection: $collection, id: id})
  RETURN [i, record.record]
} AS records, COLLECT {
  UNWIND range(0, size(nodes) - 2) AS i
  WITH i, nodes[i] AS a, nodes[i + 1] AS b
  MATCH (a)-[edge:SIMILAR]-(b)
  RETURN [i, edge.angle, edge.weight, edge.rank_out, edge.rank_in, edge.bridge]
} AS steps
ORDER BY cost
