"""The layout of a picture: rows, lanes, and where the gradient goes."""

from __future__ import annotations

from gradfix.report.html.rail import Edge, Layout, laid_out
from gradfix.values import Place, Stop


def stop(*inputs: int, sources: tuple[int, ...] = (), cut: str = "", dry: tuple[int, ...] = ()) -> Stop:
    """A stop of which nothing but its place in the way counts."""
    return Stop(Place("a.py", 1), "", inputs=inputs, sources=sources, cut=cut, dry=dry)


def drawn(*way: Stop, there: tuple[int, ...] = (0,)) -> Layout:
    """The layout of a way at which these sources have their gradient."""
    return laid_out(way, frozenset(there))


def test_a_chain_is_one_lane_down_to_the_sources() -> None:
    layout = drawn(stop(1), stop(2), stop(sources=(0,)))
    assert layout.lanes == (0, 0, 0, 0)
    assert layout.edges == (Edge(0, 0, 0, True), Edge(1, 0, 0, True), Edge(2, 0, 0, True))
    assert layout.reached == (True, True, True, True)
    assert layout.breadth == 1


def test_a_value_of_two_parts_has_two_lanes_that_join() -> None:
    layout = drawn(stop(1, 2), stop(3), stop(3), stop(sources=(0,)))
    assert layout.lanes == (0, 0, 1, 0, 0)
    assert set(layout.edges) == {
        *(Edge(0, 0, 0, True), Edge(0, 0, 1, True)),  # out of the first row
        *(Edge(1, 0, 0, True), Edge(1, 1, 1, True)),  # the second goes on, the third is on its way
        *(Edge(2, 0, 0, True), Edge(2, 1, 0, True)),  # both come to the fourth
        Edge(3, 0, 0, True),
    }


def test_nothing_flows_behind_a_cut_but_on_other_ways() -> None:
    layout = drawn(stop(1, 2), stop(3, cut="lost"), stop(sources=(1,)), stop(sources=(0,)), there=(1,))
    assert layout.reached == (True, True, True, False, True)
    flows = {(e.row, e.start, e.end): e.flows for e in layout.edges}
    assert flows[0, 0, 0]
    assert flows[0, 0, 1]
    assert not flows[1, 0, 0]
    assert flows[3, 1, 0]
    assert not flows[3, 0, 0]


def test_what_is_held_constant_is_dry_and_a_cut_is_come_to() -> None:
    held = drawn(stop(1, 2), stop(2, dry=(2,)), stop(sources=(0,)))
    assert [e.flows for e in held.edges if e.row == 1] == [True, False]
    lost = drawn(stop(1, dry=(1,)), stop(sources=(0,), cut="lost"), there=())
    assert [e.flows for e in lost.edges] == [True, False]


def test_a_source_without_a_gradient_gets_no_flow() -> None:
    assert not drawn(stop(sources=(0,)), there=()).edges[0].flows
    assert drawn(stop(sources=(0, 1)), there=(1,)).edges[0].flows


def test_where_no_line_reads_a_source_the_last_one_leads_to_them() -> None:
    layout = drawn(stop(1), stop())
    assert layout.edges[-1] == Edge(1, 0, 0, True)
    aside = drawn(stop(1), stop(sources=(0,)), stop(cut="never used"))
    assert [e for e in aside.edges if e.row == 2] == [Edge(2, 0, 0, True)]
    assert aside.lanes == (0, 0, 1, 0)
    assert not aside.reached[2]


def test_every_line_that_begins_comes_to_its_end() -> None:
    way = [stop(*range(row + 1, min(row + 4, 30)), sources=(0,) if row % 7 == 0 else ()) for row in range(30)]
    layout = laid_out(way, frozenset({0}))
    for row in range(29):
        arrived = {e.end for e in layout.edges if e.row == row}
        left = {e.start for e in layout.edges if e.row == row + 1}
        assert arrived - {layout.lanes[row + 1]} == left - {layout.lanes[row + 1]}
    assert layout.breadth <= 5
