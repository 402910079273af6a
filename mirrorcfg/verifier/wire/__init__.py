"""How a question gets to a source and its answer back: names, connections, proxies, TLS, HTTP.

Nothing here knows pip, conda or docker. Each step has its own time-out, and fails with a code of its own.
"""
