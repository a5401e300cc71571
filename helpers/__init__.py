"""What stands behind the lessons of the generative modelling course."""

__version__ = "0.1.0"
