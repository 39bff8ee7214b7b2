"""The page: two artworks chosen, the path between them seen, steered and shared."""
