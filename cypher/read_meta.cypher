// Read what holds of a collection as a whole.
// $collection
MATCH (meta:Meta {collection: $collection})
RETURN properties(meta) AS meta
