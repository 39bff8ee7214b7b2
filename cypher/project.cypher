// Copy a collection's graph into memory under a name; some artworks can be left out. One thread: four need four times the memory.
// $collection, $projection, $avoid
MATCH (a:Artwork {collection: $collection})
WHERE NOT a.id IN $avoid
OPTIONAL MATCH (a)-[edge:SIMILAR]->(b:Artwork)
WHERE NOT b.id IN $avoid
WITH gds.graph.project(
  $projection, a, b,
  {relationshipProperties: {direct: edge.weight, balanced: edge.balanced, gentle: edge.gentle, scenic: edge.scenic}},
  {undirectedRelationshipTypes: ['*'], readConcurrency: 1}
) AS graph
RETURN graph.nodeCount AS nodes
