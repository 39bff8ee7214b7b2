// Make what writers lock where it is missing: the queue and the turn; and the note that says who writes.
// $collection
UNWIND ['queue', 'turn', 'note'] AS part
MERGE (:Writer {collection: $collection, part: part})
