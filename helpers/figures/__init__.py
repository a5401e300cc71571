"""Figures of single lessons, too long to stand in a notebook."""
