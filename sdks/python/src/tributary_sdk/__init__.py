"""Send events to Tributary from a server."""

from tributary_sdk.client import Client, ErrorListener

__all__ = ["Client", "ErrorListener"]
__version__ = "0.1.0"
