// Around an artwork: its neighbours and how they hang together. Write a part of its title
WITH 'artworks' AS collection, '' AS title
MATCH (a:Artwork {collection: collection}) WHERE toLower(a.title) CONTAINS toLower(title)
WITH a ORDER BY a.id LIMIT 1
MATCH step = (a)-[:SIMILAR]-()
RETURN step
