"""Zero-shot scores of a checkpoint beyond entities: SQuAD 2.0, FewRel and CNN/DailyMail.

Run: python -m benchmarks.tasks --data ../shared/data/dev --limit 200 --threshold 0.5 --threshold 0.1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

import srsly
import typer
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.training import Example
from wasabi import MarkdownRenderer

from spacy_gliner_mt.cli.loading import load_pipeline
from spacy_gliner_mt.scoring.answers import score_answers
from spacy_gliner_mt.scoring.relations import score_relations
from spacy_gliner_mt.scoring.summary import score_summary
from spacy_gliner_mt.settings import ANSWERS, SUMMARY
from spacy_gliner_mt.tasks.answers import ASKED

from .methods import MINI
from .options import choose
from .reports import plot_bars, write_report

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Benchmark:
    """A set of texts, and how well a task is done on them.

    title: what is measured on which set.
    file: how its name begins.
    threshold: name of the task's setting.
    prepare: writes to two Docs of a record what is given and what is right; returns further settings.
    score: scores Examples.
    measures: names of columns -> keys of scores.
    """

    title: str
    file: str
    threshold: str
    prepare: Callable[[Record, Doc, Doc], dict[str, Any]]
    score: Callable[[Sequence[Example]], dict[str, Any]]
    measures: Mapping[str, str]


def prepare_question(record: Record, doc: Doc, gold: Doc) -> dict[str, Any]:
    """Ask the question of a record, which may have several answers, or none."""
    question, answers = record["prompt"], record.get("answers", ())
    bounds = [(start, start + len(answer)) for answer in answers for start in [gold.text.index(answer)]]
    # Some end inside a token of spaCy, and are widened as what is found is.
    spans = [gold.char_span(*pair, span_id=question, alignment_mode="expand") for pair in bounds]
    gold.spans[ANSWERS] = SpanGroup(gold, name=ANSWERS, spans=spans, attrs={ASKED: [question]})
    return {"questions": [question]}


def prepare_relation(record: Record, doc: Doc, gold: Doc) -> dict[str, Any]:
    """Give the head and the name of a record's one relation, and ask for the tail."""
    ((start, end, label, *tail),) = record["relations"]
    doc.ents = [doc.char_span(start, end, label="entity")]
    sides = {
        side: {"start": start, "end": end, "text": gold.text[start:end], "label": ""}
        for side, (start, end) in {"head": (start, end), "tail": tail}.items()
    }
    gold._.relation_data = [{"label": label, "score": 1.0, **sides}]
    return {"relations": [label], "relation_heads": "ents", "relation_tails": "free"}


def prepare_summary(record: Record, doc: Doc, gold: Doc) -> dict[str, Any]:
    """Ask for a summary; the right one is written freely."""
    gold.user_data[SUMMARY] = record["reference"]
    return {"summarize": True}


SQUAD = Benchmark(
    title="Zero-shot answers: SQuAD 2.0",
    file="qa.squad2",
    threshold="answer_threshold",
    prepare=prepare_question,
    score=score_answers,
    measures={
        "EM, answerable": "answers_has_em",
        "F1, answerable": "answers_has_f",
        "accuracy, no answer": "answers_no_acc",
        "F1, all": "answers_f",
    },
)
FEWREL = Benchmark(
    title="Zero-shot relations: tails in FewRel",
    file="rel.fewrel",
    threshold="relation_threshold",
    prepare=prepare_relation,
    score=score_relations,
    measures={"EM of tails": "relations_tails_em", "F1 of tails": "relations_tails_f"},
)
CNN_DAILYMAIL = Benchmark(
    title="Zero-shot summaries: CNN/DailyMail",
    file="sum.cnn_dailymail",
    threshold="summary_threshold",
    prepare=prepare_summary,
    score=score_summary,
    measures={f"ROUGE-{kind}": f"summary_rouge{kind}" for kind in "12L"},
)
Task = Literal["qa", "relation", "summarization"]
BENCHMARKS: dict[Task, Benchmark] = {"qa": SQUAD, "relation": FEWREL, "summarization": CNN_DAILYMAIL}


def main(
    data: Annotated[
        Path, typer.Option(help="Folder of files such as `qa.squad2.jsonl` or `qa.squad2.dev.jsonl.gz`.")
    ],
    checkpoint: Annotated[str, typer.Option(help="A folder or hub id.")] = MINI,
    limit: Annotated[int | None, typer.Option(help="Texts per set, drawn by chance; all by default.")] = None,
    threshold: Annotated[list[float] | None, typer.Option(help="Beside the checkpoint's own.")] = None,
    task: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(BENCHMARKS)}; all.")] = None,
    output: Annotated[Path | None, typer.Option(help="Markdown file to write, too; of one task.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture to draw, such as .png; of one task.")] = None,
) -> None:
    """Print a table for each set, in percent, with a row for each threshold."""
    tasks = choose(task, BENCHMARKS)
    if (output or plot) and len(tasks) > 1:
        raise typer.BadParameter("A file has room for one task. Say which one: --task qa")
    nlp = load_pipeline(checkpoint, "en")
    for benchmark in (BENCHMARKS[name] for name in tasks):
        records = sample_set(data, benchmark, limit)
        scores = {
            "the checkpoint's own" if value is None else f"{value:g}": measure(nlp, benchmark, records, value)
            for value in (None, *(threshold or ()))
        }
        table = format_scores(benchmark, scores)
        print(f"\n{benchmark.file}, {len(records)} texts:\n\n{table}")
        if output:
            facts = f"Checkpoint: {Path(checkpoint).name}. Texts: {len(records)}."
            write_report(output, benchmark.title, facts, table)
        if plot:
            plot_bars(plot, benchmark.title, scores)


def read_set(data: Path, benchmark: Benchmark) -> list[Record]:
    """Read the set of a benchmark from the first file that has its name."""
    for path in sorted(data.glob(f"{benchmark.file}.*jsonl*")):
        return list(srsly.read_gzip_jsonl(path) if path.suffix == ".gz" else srsly.read_jsonl(path))
    raise typer.BadParameter(f"There is no file '{benchmark.file}.jsonl' in '{data}'.")


def sample_set(data: Path, benchmark: Benchmark, limit: int | None) -> list[Record]:
    """Draw some of a set's records by chance, always the same ones; all without a limit."""
    records = read_set(data, benchmark)
    return Random(0).sample(records, min(limit or len(records), len(records)))


def format_scores(benchmark: Benchmark, scores: Mapping[str, Mapping[str, float]]) -> str:
    """Format the scores of each threshold as a Markdown table."""
    rows = [[name, *(f"{value:.1f}" for value in row.values())] for name, row in scores.items()]
    return MarkdownRenderer().table(rows, header=["threshold", *benchmark.measures])


def measure(
    nlp: Language, benchmark: Benchmark, records: Sequence[Record], threshold: float | None
) -> dict[str, float]:
    """Measure a set at a threshold, by default the checkpoint's own, in percent."""
    examples = []
    for record in records:
        doc, gold = nlp.make_doc(record["text"]), nlp.make_doc(record["text"])
        settings = benchmark.prepare(record, doc, gold)
        doc._.gliner = {**settings, benchmark.threshold: threshold}
        examples.append(Example(doc, gold))
    for example, doc in zip(examples, nlp.pipe([example.predicted for example in examples]), strict=True):
        example.predicted = doc
    scores = benchmark.score(examples)
    return {name: 100 * scores[key] for name, key in benchmark.measures.items()}


if __name__ == "__main__":
    typer.run(main)
