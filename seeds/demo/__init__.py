"""Demo data: plainly invented, made through the same actions as real data, refused outside demo mode."""

from .build import DemoRefused, make_demo
from .shift import move_forward

__all__ = ["DemoRefused", "make_demo", "move_forward"]
