// Find artworks by words, filters, years and key: exact key first, exact title, beginning of a title, the rest.
// $query, $collection, $phrases, $years, $key, $text, $rank, $after, $limit
CALL db.index.fulltext.queryNodes('record_words', $query) YIELD node AS record
WHERE record.collection = $collection AND ($key = '' OR record.key = $key)
  AND all(phrase IN $phrases WHERE (' ' + record.words) CONTAINS phrase)
  AND (size($years) = 0 OR any(span IN $years WHERE record.year_from <= span[1] AND record.year_to >= span[0]))
WITH record, CASE
  WHEN $text = '' THEN 3
  WHEN record.folded_key = $text THEN 0
  WHEN record.folded_title = $text THEN 1
  WHEN record.folded_title STARTS WITH $text THEN 2
  ELSE 3 END AS rank
WHERE rank > $rank OR rank = $rank AND record.id > $after
RETURN rank, record.id AS id, record.record AS record
ORDER BY rank, id LIMIT $limit
