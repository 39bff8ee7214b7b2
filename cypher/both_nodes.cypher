// Read both nodes of artworks by ascending id, a page at a time.
// $collection, $after, $limit
MATCH (record:Record {collection: $collection})
WHERE record.id > $after
WITH record ORDER BY record.id LIMIT $limit
OPTIONAL MATCH (artwork:Artwork {collection: $collection, id: record.id})
RETURN record.id AS id, properties(record) AS record, properties(artwork) AS artwork
ORDER BY id
