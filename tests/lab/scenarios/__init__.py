"""Importing this package registers all scenarios."""
from . import certificates, clean, connect, decoding, devices, dns, lost, proxies, replies, tls  # noqa: F401
