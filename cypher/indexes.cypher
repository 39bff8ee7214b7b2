// Say which of the indexes and constraints of the schema are there.
// no parameters
SHOW INDEXES YIELD name, state
WHERE name IN ['artwork_id', 'record_id', 'meta_collection', 'record_key', 'record_words'] AND state <> 'FAILED'
RETURN name
