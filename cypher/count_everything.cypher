// Count the artworks and edges of a collection.
// $collection
MATCH (artwork:Artwork {collection: $collection})
WITH count(artwork) AS artworks
OPTIONAL MATCH (:Artwork {collection: $collection})-[edge:SIMILAR]->(:Artwork)
RETURN artworks, count(edge) AS edges
