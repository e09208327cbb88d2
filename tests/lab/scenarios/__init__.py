"""Importing this package registers all scenarios."""
from . import certificates, clean, connect, decoding, devices, lost, replies, tls  # noqa: F401
