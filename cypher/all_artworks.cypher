// List every artwork with its reach, by ascending id.
// $collection
MATCH (artwork:Artwork {collection: $collection})
RETURN artwork.id AS id, artwork.reach AS reach
ORDER BY id
