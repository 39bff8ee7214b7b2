// Write artworks and their records; what else they had goes, but for the reach.
// $collection, $rows
UNWIND $rows AS row
MERGE (artwork:Artwork {collection: $collection, id: row.id})
WITH artwork, artwork.reach AS reach, row
SET artwork = row.artwork, artwork.reach = reach
MERGE (record:Record {collection: $collection, id: row.id})
SET record = row.record
