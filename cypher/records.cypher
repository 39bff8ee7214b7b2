// Read the records of some artworks.
// $collection, $ids
UNWIND $ids AS id
MATCH (record:Record {collection: $collection, id: id})
WHERE record.record IS NOT NULL
RETURN record.id AS id, record.record AS record
