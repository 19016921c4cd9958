"""What the town hall adds to the map: agents' saved views, sites that may frame it."""
