"""The question answered: chains of artworks between two pictures. No Flask, no store of its own.

A question's ends become stops; between them the cheapest walk through the graph is found (``natural``), or
the most even chain of an exact number of artworks among those near the line from stop to stop
(``candidates``, ``lattice``, ``layers``); what was found is then described.
"""
