"""Normal forms of numbers, addresses and names, so that the same person gives the same keyed hash. Pure."""
