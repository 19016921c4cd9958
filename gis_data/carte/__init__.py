"""The map page: identify, legend, list of layers."""
