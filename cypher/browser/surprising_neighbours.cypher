// The most surprising neighbours: close to each other, of different styles and at least 50 years apart
MATCH (a:Artwork {collection: 'artworks'})-[edge:SIMILAR]->(b)
WHERE a.style <> b.style AND abs(a.year - b.year) >= 50
RETURN a.title AS title, a.date AS date, a.style AS style, b.title AS other, b.date AS other_date,
  b.style AS other_style, edge.weight AS weight
ORDER BY weight LIMIT 25
