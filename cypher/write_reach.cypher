// Set the reach of artworks: the angle to the last of their neighbours, in radians.
// $collection, $rows
UNWIND $rows AS row
MATCH (artwork:Artwork {collection: $collection, id: row[0]})
SET artwork.reach = row[1]
