// Leave word of who writes, in JSON; null once that one ended well.
// $collection, $holder
MATCH (writer:Writer {collection: $collection, part: 'note'})
SET writer.holder = $holder
