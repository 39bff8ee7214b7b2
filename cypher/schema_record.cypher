// Records are unique within their collection: the same artworks, as the service reads and searches them.
// no parameters
CREATE CONSTRAINT record_id IF NOT EXISTS
FOR (record:Record) REQUIRE (record.collection, record.id) IS UNIQUE
