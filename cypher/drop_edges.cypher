// Take out edges, named by their ends.
// $collection, $rows
UNWIND $rows AS row
MATCH (:Artwork {collection: $collection, id: row[0]})-[edge:SIMILAR]->(:Artwork {collection: $collection, id: row[1]})
DELETE edge
