// Take out whatever there is of artworks, and every edge at them.
// $collection, $rows
UNWIND $rows AS id
OPTIONAL MATCH (artwork:Artwork {collection: $collection, id: id})
OPTIONAL MATCH (record:Record {collection: $collection, id: id})
DETACH DELETE artwork, record
