"""Prompts: labels, an instruction and the words of a window as one input of the network."""

from __future__ import annotations

import numpy as np

from ..types import Markers, ModelInput, Pieces


def build_input(labels: Pieces, instruction: Pieces, words: Pieces, markers: Markers) -> ModelInput:
    """Put a prompt together as the model was trained on it:
    prefix, (label marker, label) for each label, separator, instruction, words, suffix.

    labels: the subtokens of each label.
    instruction: words put before the text; they are scored like those of the text.
    words: the subtokens of each word of the window.
    RETURNS: the input; its words are the instruction's, then the window's.
    """
    n_prefix = len(markers.prefix)
    # Label i starts after the markers of labels 0..i, its own included.
    label_ids = np.insert(labels.ids, labels.offsets[:-1], markers.label)
    label_positions = n_prefix + labels.offsets[:-1] + np.arange(len(labels)) + markers.label_offset
    body_start = n_prefix + len(label_ids) + 1
    starts = np.concatenate([instruction.offsets[:-1], len(instruction.ids) + words.offsets[:-1]])
    return ModelInput(
        ids=np.concatenate(
            [markers.prefix, label_ids, [markers.separator], instruction.ids, words.ids, markers.suffix]
        ).astype(np.int64),
        label_positions=label_positions,
        word_positions=body_start + starts,
        word_lengths=np.concatenate([instruction.lengths, words.lengths]),
    )
