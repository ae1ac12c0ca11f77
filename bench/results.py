# SPDX-License-Identifier: Apache-2.0
# bench/RESULTS.md, section by section. In: a section with its heading. Out: the page with it in the place of the one
# of the same heading, or at its end.
import pathlib

PAGE = pathlib.Path(__file__).resolve().parent / "RESULTS.md"


def write_section(text):
    heading = text.splitlines()[0] + "\n"
    page = PAGE.read_text() if PAGE.exists() else ""
    begin = page.find(heading)
    if begin < 0:
        begin = len(page)
    end = page.find("\n## ", begin + len(heading))
    rest = page[end:] if end >= 0 else ""
    PAGE.write_text(page[:begin].rstrip() + "\n\n" + text.rstrip() + "\n" + rest)
