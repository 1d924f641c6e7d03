"""Starts moto's server as the target accounts: `serve.py PORT`. Everything else it needs comes by the environment."""

import sys

from moto.server import main
from werkzeug.serving import WSGIRequestHandler

# HTTP/1.0, Werkzeug's default, has no chunked bodies. It closes each connection all the same: it cannot skip an unread body.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
# Answers are written in several small pieces: without this each waits for the peer's delayed acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True

print(f"targets serve on port {sys.argv[1]}", flush=True)
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
