"""Int8: a graph whose products are of 8-bit integers."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

# Has three outputs: too few to gain anything, and every logit depends on it.
_EXACT = "/scorer/output/MatMul"


def round_graph(path: Path) -> None:
    """Round the matrices of a graph to 8 bits, by a scale for each output, and have what they are
    multiplied with rounded in every call, by one scale. LSTMs and embeddings stay as they are.

    path: the graph that was exported, in whose place the new one is written.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(dir=path.parent) as scratch:
        prepared, rounded = (Path(scratch) / name for name in ("prepared.onnx", "rounded.onnx"))
        # Finds no symbolic shapes in graphs with LSTMs.
        quant_pre_process(path, prepared, skip_symbolic_shape=True)
        quantize_dynamic(
            prepared,
            rounded,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[_EXACT],
        )
        rounded.replace(path)
