"""Published: micro-F1 of other zero-shot models on entities, as the card of
knowledgator/gliner-multitask-large-v0.5 gives it: whole test parts, labels in lower case."""

SETS = (
    "crossner_ai",
    "crossner_literature",
    "crossner_music",
    "crossner_politics",
    "crossner_science",
    "mit_movie",
    "mit_restaurant",
    "mean",
)
_ROWS = {
    "gliner-multitask-large-v0.5": (0.5105, 0.6896, 0.7430, 0.7827, 0.6729, 0.5660, 0.4351, 0.6276),
    "NuNER_Zero-span": (0.6012, 0.6489, 0.6995, 0.7273, 0.6642, 0.5505, 0.4462, 0.6196),
    "gliner_large-v2.1": (0.5345, 0.5787, 0.6708, 0.6490, 0.6200, 0.5129, 0.4625, 0.5754),
}
# model -> set -> F1.
PUBLISHED = {model: dict(zip(SETS, row, strict=True)) for model, row in _ROWS.items()}
