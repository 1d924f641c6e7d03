"""Starts moto's server as the target accounts: `serve.py PORT`. Everything else it needs comes by the environment."""

import os
import sys

from moto.server import main
from moto.utilities import utils
from werkzeug.serving import WSGIRequestHandler

# HTTP/1.0, Werkzeug's default, has no chunked bodies. It closes each connection all the same: it cannot skip an unread body.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
# Answers are written in several small pieces: without this each waits for the peer's delayed acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True

# EC2 reads which instance types each region of the world offers, which keeps some 40 MB. One region is asked for.
OFFERINGS = os.path.join("ec2", "resources", "instance_type_offerings")
read = utils.load_resource
utils.load_resource = lambda name: (
    [] if name.startswith(OFFERINGS) and f"{os.sep}{os.environ['AWS_DEFAULT_REGION']}." not in name else read(name)
)

print(f"targets serve on port {sys.argv[1]}", flush=True)
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
