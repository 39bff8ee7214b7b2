// Find the cheapest path in a graph in memory, while it is that of the version named; a target adds a cost of its own.
// $collection, $version, $source, $targets, $projection, $pace
MATCH (:Meta {collection: $collection, version: $version})
MATCH (source:Artwork {collection: $collection, id: $source})
UNWIND keys($targets) AS id
MATCH (target:Artwork {collection: $collection, id: id})
WITH source, collect(target) AS targets
CALL gds.shortestPath.dijkstra.stream(
  $projection, {sourceNode: source, targetNodes: targets, relationshipWeightProperty: $pace,
    logProgress: false, sudo: true}
) YIELD totalCost, nodeIds
WITH totalCost, gds.util.asNodes(nodeIds) AS nodes
ORDER BY totalCost + $targets[nodes[-1].id], nodes[-1].id
LIMIT 1
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
