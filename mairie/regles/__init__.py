"""Law and arithmetic shared by all trades: pure, no Django, no clock."""
