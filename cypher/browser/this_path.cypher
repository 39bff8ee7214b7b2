// One path, as it was found
WITH $collection AS collection, $ids AS ids
UNWIND CASE size(ids) WHEN 1 THEN [0] ELSE range(0, size(ids) - 2) END AS i
MATCH (a:Artwork {collection: collection, id: ids[i]})
OPTIONAL MATCH step = (a)-[:SIMILAR]-(:Artwork {collection: collection, id: ids[i + 1]})
RETURN a, step
