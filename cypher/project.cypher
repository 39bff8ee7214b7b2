// Copy a collection's graph into memory under a name, for searches; some artworks can be left out.
// $collection, $projection, $avoid
MATCH (a:Artwork {collection: $collection})
WHERE NOT a.id IN $avoid
OPTIONAL MATCH (a)-[edge:SIMILAR]->(b:Artwork)
WHERE NOT b.id IN $avoid
WITH gds.graph.project(
  $projection, a, b,
  {relationshipProperties: {direct: edge.weight, balanced: edge.balanced, gentle: edge.gentle, scenic: edge.scenic}},
  {undirectedRelationshipTypes: ['*']}
) AS graph
RETURN graph.nodeCount AS nodes
