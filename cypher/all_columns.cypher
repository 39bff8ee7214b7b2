// List the columns that some artwork has a value in.
// $collection
MATCH (record:Record {collection: $collection})
UNWIND record.facet_columns AS column
RETURN collect(DISTINCT column) AS columns
