"""The sewer network: RAEPA files in and out, its topology, what lies up and downstream."""
