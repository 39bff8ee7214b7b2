// List artworks of which one of the two nodes is missing, or its record.
// $collection
MATCH (artwork:Artwork {collection: $collection})
WHERE NOT EXISTS { MATCH (:Record {collection: $collection, id: artwork.id}) }
RETURN artwork.id AS id
UNION
MATCH (record:Record {collection: $collection})
WHERE record.record IS NULL OR NOT EXISTS { MATCH (:Artwork {collection: $collection, id: record.id}) }
RETURN record.id AS id
