"""The SDKs: conformance, and against a real door."""
