"""Tables of the law and of the trade: one row a line, with its source; rows ``a_confirmer`` are inactive."""
