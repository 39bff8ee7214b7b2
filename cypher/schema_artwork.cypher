// Artworks are unique within their collection: what people see and paths walk through.
// no parameters
CREATE CONSTRAINT artwork_id IF NOT EXISTS
FOR (artwork:Artwork) REQUIRE (artwork.collection, artwork.id) IS UNIQUE
