// Begin a write: one writer at a time, since the node stays locked until the transaction ends.
// $collection, $format
MERGE (meta:Meta {collection: $collection})
ON CREATE SET meta.format = $format, meta.epoch = left(randomUUID(), 8), meta.version = 0,
  meta.edges_version = 0, meta.metadata_version = 0, meta.artworks = 0, meta.edges = 0, meta.columns = []
SET meta.written_at = datetime()
RETURN properties(meta) AS meta
