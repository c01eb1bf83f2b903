"""Find the threshold that a model does a task best with.

Run: python scripts/find_threshold.py gliner-mt-mini assets/sample/dev.jsonl --task ner
     python scripts/find_threshold.py training/stage2/checkpoint assets/sample/dev.jsonl --task qa --store
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from wasabi import MarkdownRenderer

from spacy_gliner_mt.cli.failure import exit_on
from spacy_gliner_mt.cli.loading import find_component, load_pipeline
from spacy_gliner_mt.models.checkpoint import CONFIG_NAME
from spacy_gliner_mt.training.corpus import make_corpus

Task = Literal["ner", "relation", "qa", "summarization"]
# The setting, and the score that is to be as high as possible.
SETTINGS = {
    "ner": ("threshold", "ents_f"),
    "relation": ("relation_threshold", "relations_f"),
    "qa": ("answer_threshold", "answers_f"),
    "summarization": ("summary_threshold", "summary_rougeL"),
}
TRIALS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def main(
    model: Annotated[str, typer.Argument(help="Pipeline or checkpoint.")],
    data: Annotated[Path, typer.Argument(help="Corpus: .jsonl, .jsonl.gz or .spacy, or a folder of them.")],
    task: Annotated[Task, typer.Option(help="Whose threshold.")] = "ner",
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    limit: Annotated[int, typer.Option(help="Records to read; 0 for all.")] = 0,
    trial: Annotated[list[float] | None, typer.Option(help="Thresholds to try.")] = None,
    store: Annotated[bool, typer.Option("--store", help="Keep the best one in MODEL, a checkpoint.")] = False,
) -> None:
    """Print the score for each threshold. `spacy find-threshold` does the same for a component whose
    settings say what to look for; here each text is asked for what it is annotated for."""
    setting, measure = SETTINGS[task]
    config = Path(model) / CONFIG_NAME
    if store and not config.is_file():
        raise typer.BadParameter(f"There is no '{config}' to keep it in.")
    with exit_on(ValueError, OSError):
        corpus = make_corpus(data, limit=limit, tasks=[task])
        nlp = load_pipeline(model, "en")
    component = find_component(nlp)
    scores: dict[float, float] = {}
    for value in trial or TRIALS:
        component.cfg[setting] = value
        scores[value] = nlp.evaluate(corpus(nlp))[measure] or 0.0
    best = max(scores, key=scores.__getitem__)
    rows = [[f"{value:g}", f"{100 * score:.1f}"] for value, score in scores.items()]
    print(MarkdownRenderer().table(rows, header=[setting, measure]))
    print(f"Best: {setting} = {best:g}")
    if store:
        raw = json.loads(config.read_text(encoding="utf8"))
        raw["thresholds"] = {**raw.get("thresholds", {}), setting: best}
        config.write_text(json.dumps(raw, indent=2), encoding="utf8")
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        result = {"setting": setting, "best": best, "measure": measure, "scores": scores}
        output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf8")


if __name__ == "__main__":
    typer.run(main)
