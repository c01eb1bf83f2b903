"""Templates: the wording of instructions, as different sources of the model have it."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings import TemplateSet


@dataclass(frozen=True)
class Templates:
    """Instructions that are put before the text. Line breaks make no difference to the model.

    question: with {question}.
    relation: put before every text that is asked for relations.
    summary: put before every text that is summarised.
    prompt: with {prompt}.
    classes: with {classes}.
    """

    question: str
    relation: str
    summary: str
    prompt: str
    classes: str = "Classify text into the following classes: {classes}"


TEMPLATES: dict[TemplateSet, Templates] = {
    # Stepanov & Shtopko 2024, section 2.
    "paper": Templates(
        question="{question}",
        relation="Identify the relation in the given text, highlighting the relevant entity:",
        summary="Summarize the given text, highlighting the most important information:",
        prompt="{prompt}",
    ),
    # The card of knowledgator/gliner-multitask-large-v0.5.
    "card": Templates(
        question="{question}",
        relation="",
        summary="Summarize the given text, highlighting the most important information:",
        prompt="{prompt}",
    ),
    # The classes of gliner.multitask, version 0.2.29.
    "gliner": Templates(
        question="Answer the following question: {question}",
        relation="Extract relationships between entities from the text:",
        summary="Summarize the following text highlighting the most important information:",
        prompt="{prompt}",
    ),
}
# No source has an instruction for text cleaning; the paper only names the task.
CLEANING = "Clean the text: keep the article, leave out menus and advertising"
