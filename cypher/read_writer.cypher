// Read who writes, or ended in the middle of it.
// $collection
MATCH (writer:Writer {collection: $collection, part: 'note'})
RETURN writer.holder AS holder
