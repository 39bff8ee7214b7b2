// The most typical artwork of each style: most of its neighbours are of the same
MATCH (a:Artwork {collection: 'artworks'})-[edge:SIMILAR]-(b)
WHERE a.style IS NOT NULL
WITH a, avg(CASE WHEN a.style = b.style THEN 1.0 ELSE 0.0 END) AS share, count(*) AS neighbours
ORDER BY share DESC, neighbours DESC
RETURN a.style AS style, head(collect(a.title)) AS most_typical, max(share) AS share_of_same_style
ORDER BY style
