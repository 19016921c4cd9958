"""Streets and addresses: from the plan and the national base, edited on the map, exported as BAL."""
