// Artists who look alike: how often a work of one is next to a work of the other
MATCH (a:Artwork {collection: 'artworks'})-[edge:SIMILAR]->(b)
WHERE a.artist <> b.artist
WITH CASE WHEN a.artist < b.artist THEN [a.artist, b.artist] ELSE [b.artist, a.artist] END AS artists, edge
RETURN artists[0] AS artist, artists[1] AS other, count(*) AS steps, avg(edge.weight) AS average_weight
ORDER BY steps DESC, average_weight LIMIT 25
