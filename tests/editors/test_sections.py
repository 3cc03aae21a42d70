"""Whether docs/editors.md has settings that no editor has been given."""

from __future__ import annotations

import re

from tests.editors.conftest import HERE, ROOT


def test_the_settings_of_each_section_are_given_to_an_editor() -> None:
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (.+)\n(?s:(.*?))(?=^##)", text, re.MULTILINE)
    with_settings = {heading for heading, body in sections if re.search(r"^```(lua|elisp|vim)$", body, re.MULTILINE)}
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert len(with_settings) == 5
    assert {heading for heading in with_settings if f'"{heading}"' not in tests} == set()
