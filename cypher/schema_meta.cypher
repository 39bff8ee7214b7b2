// One Meta a collection: what holds of its graph as a whole.
// no parameters
CREATE CONSTRAINT meta_collection IF NOT EXISTS
FOR (meta:Meta) REQUIRE meta.collection IS UNIQUE
