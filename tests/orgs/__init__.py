"""Tests of organizations, their settings and their door."""
