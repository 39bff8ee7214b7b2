// Say which of the procedures that find paths this server has.
// no parameters
SHOW PROCEDURES YIELD name
WHERE name IN ['gds.shortestPath.dijkstra.stream', 'apoc.algo.dijkstra']
RETURN name
