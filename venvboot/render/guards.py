"""What guards each interpreter, printed."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from venvboot.model import Guard, Layer, LayerState
from venvboot.redact import one_line

NOTHING = "# no interpreter of this image belongs to a system's package manager: there is nothing to guard\n"


def table(found: Sequence[Guard]) -> str:
    """Return each interpreter and its owner, then a line for each layer: kind, state, place, what is wrong."""
    lines: List[str] = []
    for guard in found:
        lines.append(f"{one_line(guard.interpreter)}  {one_line(str(guard.owner or ''))}".rstrip())
        lines += [_line(layer) for layer in guard.layers()]
    return "".join(f"{line}\n" for line in lines) or NOTHING


def _line(layer: Layer) -> str:
    width = max(len(state.value) for state in LayerState)
    why = f": {one_line(layer.why)}" if layer.why else ""
    return f"  {layer.kind:<9}  {layer.state.value:<{width}}  {one_line(layer.path)}{why}"


def as_json(found: Sequence[Guard]) -> List[Dict[str, Any]]:
    return [
        {
            "interpreter": guard.interpreter,
            "marker": _layer(guard.marker),
            "diversion": _layer(guard.diversion),
            "pip_conf": _layer(guard.pip_conf),
            "seals": [_layer(one) for one in guard.seals],
        }
        for guard in found
    ]


def _layer(layer: Optional[Layer]) -> Optional[Dict[str, str]]:
    return {"path": layer.path, "state": layer.state.value, "why": layer.why} if layer else None
