"""GEMM: what is timed has the FLOPs that it is said to have."""

from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gemm import make_products


def test_products_have_as_many_flops_as_torch_counts():
    multiply, flops = make_products(8)
    with FlopCounterMode(display=False) as counter:
        multiply()
    assert counter.get_total_flops() == flops
