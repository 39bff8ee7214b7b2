// Bridges: what joins groups that no neighbourhood joins
MATCH step = (a:Artwork {collection: 'artworks'})-[edge:SIMILAR {bridge: true}]->(b)
RETURN step LIMIT 100
