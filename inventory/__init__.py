"""What exists: the declaration of the cloud, and everything that follows from it without touching a machine.

The story, top to bottom, is in :mod:`inventory.load` (files to a checked :class:`~inventory.model.Cloud`) and
:mod:`inventory.plan` (a Cloud to a :class:`~inventory.topology.Topology`). This package imports none of
the others.
"""
