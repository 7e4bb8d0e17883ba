"""Whose certificates count: read once, since to read them all takes 20 ms."""

from __future__ import annotations

import functools
import ssl

import certifi


@functools.cache
def tls_context(ca_file: str = "", ca_folder: str = "") -> ssl.SSLContext:
    """Those that everybody knows, and the operator's own, such as of a proxy that looks inside.

    Raises OSError (ssl.SSLError is one) for a file that holds none.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file or ca_folder:
        context.load_verify_locations(ca_file or None, ca_folder or None)
    return context
