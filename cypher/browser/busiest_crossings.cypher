// The busiest crossings: artworks that most shortest paths pass (needs GDS; ask the service for a path first)
WITH 'artworks' AS collection
CALL gds.graph.list() YIELD graphName
WITH graphName WHERE graphName STARTS WITH 'xdegrees/' + left(apoc.util.sha256([collection]), 8) + '/'
WITH graphName ORDER BY graphName LIMIT 1
CALL gds.betweenness.stream(graphName, {relationshipWeightProperty: 'gentle', samplingSize: 200, samplingSeed: 1})
YIELD nodeId, score
WITH gds.util.asNode(nodeId) AS artwork, score
RETURN artwork.title AS title, artwork.artist AS artist, score
ORDER BY score DESC LIMIT 25
