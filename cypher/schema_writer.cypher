// One node for each thing that writers of a collection lock or leave for each other.
// no parameters
CREATE CONSTRAINT writer_part IF NOT EXISTS
FOR (writer:Writer) REQUIRE (writer.collection, writer.part) IS UNIQUE
