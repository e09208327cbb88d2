"""Importing this package registers all scenarios."""
from . import clean, connect, decoding, devices, lost, replies, tls  # noqa: F401
