// Count the artworks that find_matching finds on all its pages.
// $query, $collection, $phrases, $years, $key
CALL db.index.fulltext.queryNodes('record_words', $query) YIELD node AS record
WHERE record.collection = $collection AND ($key = '' OR record.key = $key)
  AND all(phrase IN $phrases WHERE (' ' + record.words) CONTAINS phrase)
  AND (size($years) = 0 OR any(span IN $years WHERE record.year_from <= span[1] AND record.year_to >= span[0]))
RETURN count(*) AS total
