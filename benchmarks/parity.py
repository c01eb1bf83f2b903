"""Parity of every task with gliner, prompted the same way, on the same weights.

Run: python -m benchmarks.parity --data ../shared/data/dev --texts 100
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

import numpy as np
import spacy
import srsly
import typer
from spacy.tokens import Doc
from wasabi import MarkdownRenderer

from spacy_gliner_mt.encoding.words import split_words
from spacy_gliner_mt.models.architecture import GlinerModel, build_gliner_multitask_v1, require_bundle
from spacy_gliner_mt.models.extraction import Request, extract
from spacy_gliner_mt.settings import Settings
from spacy_gliner_mt.tasks.answers import AnswerTask
from spacy_gliner_mt.tasks.base import Task
from spacy_gliner_mt.tasks.entities import EntityTask
from spacy_gliner_mt.tasks.prompts import PromptTask
from spacy_gliner_mt.tasks.relations import RelationTask
from spacy_gliner_mt.tasks.summary import SummaryTask
from spacy_gliner_mt.types import Query

from .methods import MINI

# Of one text: first character, text, score.
Found = list[tuple[int, str, float]]
# Low, so that there is much to agree on.
THRESHOLD = 0.1


def find_with_gliner(model: Any, query: Query, text: str) -> Found:
    """What gliner finds in a text behind an instruction, or in the instruction where that is read.

    model: a GLiNER of the package gliner.
    """
    instruction = f"{query.instruction} ".lstrip()
    n_words = len(split_words(instruction))
    select = model.decoder.greedy_search

    # gliner has no instructions: to it their spans are like any others, and exclude those of
    # the text that they overlap. So what is not asked for is removed before it selects.
    def select_asked(spans: list, *rules: Any) -> list:
        inside = query.read_instruction
        return select([s for s in spans if (s.end < n_words if inside else s.start >= n_words)], *rules)

    with patch.object(model.decoder, "greedy_search", select_asked):
        entities = model.predict_entities(
            instruction + text, list(query.labels), threshold=float(query.thresholds[0])
        )
    shift = 0 if query.read_instruction else len(instruction)
    return [(entity["start"] - shift, entity["text"], entity["score"]) for entity in entities]


def find_with_ours(model: GlinerModel, query: Query, text: str, settings: Settings) -> Found:
    """The same of ours, before it is moved to spaCy's tokens."""
    ((answer,),) = [
        found.answers for found in extract(model, [Request(split_words(text), (query,), settings)])
    ]
    read = query.instruction if query.read_instruction else text
    words = split_words(read)
    starts, ends = words.starts[answer.spans.start], words.ends[answer.spans.end - 1]
    return [
        (int(start), read[start:end], float(score))
        for start, end, score in zip(starts, ends, answer.spans.score, strict=True)
    ]


def make_tasks(folder: Path, n_texts: int) -> Iterator[tuple[str, Task, Doc]]:
    """Name of a task, the task as it is set for a text, and the text."""
    nlp = spacy.blank("en")

    def read(name: str) -> Iterator[tuple[dict[str, Any], Doc]]:
        for record in list(srsly.read_gzip_jsonl(folder / f"{name}.dev.jsonl.gz"))[:n_texts]:
            yield record, nlp.make_doc(record["text"])

    for record, doc in read("ner.crossner_science"):
        yield "entities", EntityTask(Settings(labels=record["labels"], threshold=THRESHOLD)), doc
    for record, doc in read("rel.fewrel"):
        start, end, relation, *_ = record["relations"][0]
        doc.ents = [doc.char_span(start, end, label="entity")]
        options = {"relation_heads": "ents", "relation_tails": "free", "relation_threshold": THRESHOLD}
        yield "relations", RelationTask(Settings(relations=[relation], **options)), doc
    for record, doc in read("qa.squad2"):
        settings = Settings(questions=[record["prompt"]], answer_threshold=THRESHOLD)
        yield "questions", AnswerTask(settings), doc
        # News articles would mostly be too long for gliner.
        yield "summary", SummaryTask(Settings(summarize=True)), doc
    for _, doc in read("ner.mit_restaurant"):
        settings = Settings(prompts={"wishes": "Find what the speaker wants"}, prompt_threshold=THRESHOLD)
        yield "prompts", PromptTask(settings), doc


def main(
    data: Annotated[Path, typer.Option(help="Folder of files `<task>.<name>.dev.jsonl.gz`.")],
    checkpoint: Annotated[str, typer.Option(help="A folder.")] = MINI,
    texts: Annotated[int, typer.Option(help="Texts per task.")] = 100,
) -> None:
    """Print how many spans of how many texts differ. Texts that gliner would cut are left out."""
    from gliner import GLiNER

    theirs = GLiNER.from_pretrained(checkpoint).eval()
    ours = build_gliner_multitask_v1(checkpoint=checkpoint)
    limit = require_bundle(ours).config.max_words
    counts: dict[str, np.ndarray] = {}  # texts, left out, spans, differing
    worst: dict[str, float] = {}
    for name, task, doc in make_tasks(data, texts):
        count = counts.setdefault(name, np.zeros(4, dtype=int))
        (query,) = task.queries(doc, {})
        if len(split_words(f"{query.instruction} {doc.text}")) > limit:
            count[1] += 1
            continue
        expected = find_with_gliner(theirs, query, doc.text)
        found = find_with_ours(ours, query, doc.text, task.settings)
        same = [span[:2] for span in found] == [span[:2] for span in expected]
        differing = 0 if same else len({s[:2] for s in found} ^ {s[:2] for s in expected})
        count += [1, 0, len(expected), differing]
        scores = [abs(a[2] - b[2]) for a, b in zip(found, expected, strict=True)] if same else []
        worst[name] = max([worst.get(name, 0.0), *scores])
    rows = [[name, *map(str, count), f"{worst[name]:.1e}"] for name, count in counts.items()]
    header = ["task", "texts", "too long for gliner", "spans", "differing", "largest difference of scores"]
    print(MarkdownRenderer().table(rows, header=header))


if __name__ == "__main__":
    typer.run(main)
