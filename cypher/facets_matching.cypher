// Count the values of a column among the artworks that find_matching finds.
// $query, $collection, $phrases, $years, $key, $column
CALL db.index.fulltext.queryNodes('record_words', $query) YIELD node AS record
WHERE record.collection = $collection AND ($key = '' OR record.key = $key)
  AND all(phrase IN $phrases WHERE (' ' + record.words) CONTAINS phrase)
  AND (size($years) = 0 OR any(span IN $years WHERE record.year_from <= span[1] AND record.year_to >= span[0]))
UNWIND [i IN range(0, size(record.facet_columns) - 1) WHERE record.facet_columns[i] = $column] AS i
RETURN record.facet_values[i] AS value, count(*) AS count
