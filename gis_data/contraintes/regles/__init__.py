"""Arithmetic of shares and certificate data: pure Python."""
