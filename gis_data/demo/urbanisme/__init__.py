"""The fictional commune's PLU and servitudes, as real CNIG packages; and packages with faults, for tests."""
