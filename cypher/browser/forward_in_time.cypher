// Forward in time: four steps, each to a later artwork that looks like the last
MATCH path = (a:Artwork {collection: 'artworks'})-[:SIMILAR]-(b)-[:SIMILAR]-(c)-[:SIMILAR]-(d)-[:SIMILAR]-(e)
WHERE a.year + 5 <= b.year AND b.year + 5 <= c.year AND c.year + 5 <= d.year AND d.year + 5 <= e.year
RETURN path LIMIT 5
