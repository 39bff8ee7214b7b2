// Write edges, each from the smaller to the larger id; one that is there already is overwritten.
// $collection, $rows
UNWIND $rows AS row
MATCH (a:Artwork {collection: $collection, id: row[0]})
MATCH (b:Artwork {collection: $collection, id: row[1]})
MERGE (a)-[edge:SIMILAR]->(b)
SET edge = {
  angle: row[2], weight: row[3], rank_out: row[4], rank_in: row[5], bridge: row[6], label: row[7],
  balanced: row[8], gentle: row[9], scenic: row[10]
}
