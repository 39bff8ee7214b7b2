// End a write: the version moves in the same transaction as what it stands for.
// $collection, $changes
MATCH (meta:Meta {collection: $collection})
SET meta += $changes
