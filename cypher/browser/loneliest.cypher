// The loneliest artworks: even their nearest are far away
MATCH (artwork:Artwork {collection: 'artworks'})-[edge:SIMILAR]-()
WITH artwork, min(edge.angle) AS nearest
RETURN artwork.title AS title, artwork.artist AS artist, nearest AS angle_to_nearest, artwork.reach AS reach,
  artwork.image_url AS picture
ORDER BY nearest DESC LIMIT 25
