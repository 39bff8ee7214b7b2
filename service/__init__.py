"""Online: a request becomes a path, a path becomes JSON, a picture or a page."""
