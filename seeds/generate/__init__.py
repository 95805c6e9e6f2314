"""Any number of synthetic cases: each kind of life is played once by the real actions and cast many times.

stage (where lives are played) → record (a mould of the rows) → plan (which life, when) → cast → store.
How to use it: seeds/README.md.
"""
