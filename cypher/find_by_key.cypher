// Find artworks by the collection's own key.
// $collection, $key, $after, $limit
MATCH (record:Record {collection: $collection, key: $key})
WHERE record.id > $after AND record.record IS NOT NULL
RETURN 3 AS rank, record.id AS id, record.record AS record
ORDER BY id LIMIT $limit
