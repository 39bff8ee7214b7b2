// Records are found by the collection's own key.
// no parameters
CREATE INDEX record_key IF NOT EXISTS
FOR (record:Record) ON (record.collection, record.key)
