"""Normal forms of numbers, addresses and names, so that the same person gives the same keyed hash. Pure."""

from .actors import normal_actors
from .addresses import normal_email
from .names import normal_name
from .numbers import normal_phone

__all__ = ["normal_actors", "normal_email", "normal_name", "normal_phone"]
