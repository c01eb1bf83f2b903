"""Zero-shot information extraction for spaCy with the GLiNER multi-task model."""

__version__ = "0.1.0"
