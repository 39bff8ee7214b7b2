"""Pictures by their addresses: asked for politely, checked while they come, kept in a folder with an index."""
