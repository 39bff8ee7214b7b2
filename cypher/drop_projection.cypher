// Let go of a graph in memory; none of that name is no error. A search that runs in it goes on.
// $projection
CALL gds.graph.drop($projection, false) YIELD graphName
RETURN graphName AS name
