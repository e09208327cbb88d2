"""Importing this package registers all scenarios."""
from . import certificates, clean, connect, decoding, devices, lost, proxies, replies, tls  # noqa: F401
