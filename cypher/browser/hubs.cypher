// Hubs: artworks that most others have among their nearest
MATCH (artwork:Artwork {collection: 'artworks'})-[edge:SIMILAR]-(other)
WHERE CASE WHEN startNode(edge) = artwork THEN edge.rank_in ELSE edge.rank_out END > 0
RETURN artwork.title AS title, artwork.artist AS artist, count(*) AS neighbour_of
ORDER BY neighbour_of DESC, title LIMIT 25
