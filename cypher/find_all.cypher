// List artworks by ascending id, a page at a time.
// $collection, $after, $limit
MATCH (record:Record {collection: $collection})
WHERE record.id > $after AND record.record IS NOT NULL
RETURN 3 AS rank, record.id AS id, record.record AS record
ORDER BY id LIMIT $limit
