// Wait for the queue or the turn, and hold it until the transaction ends, however it ends.
// $collection, $part
MATCH (writer:Writer {collection: $collection, part: $part})
SET writer.locked = true
