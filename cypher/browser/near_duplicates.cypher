// The same picture twice? Pairs that differ hardly at all
MATCH (a:Artwork {collection: 'artworks'})-[edge:SIMILAR]->(b)
RETURN a.title AS title, b.title AS other, edge.angle AS angle, a.image_url AS picture, b.image_url AS other_picture
ORDER BY angle LIMIT 25
