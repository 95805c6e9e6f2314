"""Files: type by content, cleaning, sealing in segments, scanning. Pure; knows no model."""
