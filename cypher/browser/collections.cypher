// What is in this database: collections, their artworks, edges and embedder
MATCH (meta:Meta)
RETURN meta.collection AS collection, meta.artworks AS artworks, meta.edges AS edges, meta.version AS version,
  apoc.convert.fromJsonMap(meta.facts).embedder.name AS embedder, meta.written_at AS written
ORDER BY collection
