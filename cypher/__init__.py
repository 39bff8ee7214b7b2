"""Every statement sent to Neo4j, one per file, named."""
