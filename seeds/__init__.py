"""Seeds: reference data, demo data and the commands that load them."""
