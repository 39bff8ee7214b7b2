// Take out artworks, their records and every edge at them.
// $collection, $rows
UNWIND $rows AS id
MATCH (artwork:Artwork {collection: $collection, id: id})
OPTIONAL MATCH (record:Record {collection: $collection, id: id})
DETACH DELETE artwork, record
