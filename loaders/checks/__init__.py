"""One kind of look a module; :mod:`loaders.check` joins them."""
