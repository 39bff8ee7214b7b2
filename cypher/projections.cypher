// List the names of the graphs in memory.
// no parameters
CALL gds.graph.list() YIELD graphName
RETURN graphName AS name
