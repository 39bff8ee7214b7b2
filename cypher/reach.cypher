// Read the reach of some artworks: the angle to the last of their neighbours, in radians.
// $collection, $ids
UNWIND $ids AS id
MATCH (artwork:Artwork {collection: $collection, id: id})
RETURN artwork.id AS id, artwork.reach AS reach
