// Who stands between two artists: artworks that neighbour both, by others. Write the names, or leave the busiest two
WITH 'artworks' AS collection, '' AS first, '' AS second
CALL (collection, first) {
  MATCH (a:Artwork {collection: collection}) WHERE a.artist IS NOT NULL AND toLower(a.artist) CONTAINS toLower(first)
  RETURN a.artist AS one, count(*) AS works ORDER BY works DESC, one LIMIT 1
}
CALL (collection, second, one) {
  MATCH (:Artwork {collection: collection, artist: one})-[:SIMILAR]-(middle)-[:SIMILAR]-(a:Artwork)
  WHERE a.artist <> one AND middle.artist <> one AND middle.artist <> a.artist
    AND toLower(a.artist) CONTAINS toLower(second)
  RETURN a.artist AS other, count(*) AS ways ORDER BY ways DESC, other LIMIT 1
}
MATCH (x:Artwork {collection: collection, artist: one})-[from:SIMILAR]-(middle)-[to:SIMILAR]-(y {artist: other})
WHERE middle.artist <> one AND middle.artist <> other
RETURN middle.title AS title, middle.artist AS artist, one, other, min(from.weight + to.weight) AS weight
ORDER BY weight LIMIT 25
