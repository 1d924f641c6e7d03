"""Prints whether a connection to a listening socket of the emulator's server sends at once (TCP_NODELAY)."""
import socket

from hypercorn.config import Config

config = Config()
config.bind = ["127.0.0.1:0"]
listening = config.create_sockets().insecure_sockets[0]
listening.listen()
client = socket.create_connection(listening.getsockname())
accepted, _ = listening.accept()
print("at once" if accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) else "delayed")
