// Wait for the queue or the turn, and hold it until the transaction ends, however it ends; no row: nothing was held.
// $collection, $part
MATCH (writer:Writer {collection: $collection, part: $part})
SET writer.locked = true
RETURN writer.part AS part
