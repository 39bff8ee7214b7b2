// Which styles touch: steps between artworks of different styles, and the closest such pair
MATCH (a:Artwork {collection: 'artworks'})-[edge:SIMILAR]->(b)
WHERE a.style <> b.style
WITH CASE WHEN a.style < b.style THEN [a.style, b.style] ELSE [b.style, a.style] END AS styles, a, b, edge
ORDER BY edge.weight
RETURN styles[0] AS style, styles[1] AS other, count(*) AS steps,
  head(collect(a.title + ' - ' + b.title)) AS closest
ORDER BY steps DESC LIMIT 25
