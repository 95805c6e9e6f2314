"""Cases: what we do about a report. Looks back at intake, never forward at workers or seeds."""
