"""The bench: Körpü's speeds as ratios to a one-file floor app, measured side by side. `make bench`."""
