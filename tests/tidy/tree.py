# SPDX-License-Identifier: Apache-2.0
# The source tree that the rules read. In: its root. Out: the files under version control (all files, where the folder
# is not a checkout of its own), their text, and where their functions begin and end.
import os
import re
import subprocess

SOURCE = (".cc", ".h", ".S")


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = sorted(f for f in self._list() if os.path.isfile(os.path.join(root, f)))
        self._texts = {}

    def _list(self):
        git = ["git", "-C", self.root]
        top = subprocess.run(git + ["rev-parse", "--show-toplevel"], capture_output=True, text=True)
        if top.returncode == 0 and os.path.samefile(top.stdout.strip(), self.root):
            listed = subprocess.run(git + ["ls-files", "--cached", "--others", "--exclude-standard"],
                                    capture_output=True, text=True, check=True)
            return listed.stdout.splitlines()
        return self._walk()

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if not f.startswith((".", "build"))]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def text(self, file):
        if file not in self._texts:
            with open(os.path.join(self.root, file), encoding="utf-8", errors="replace") as f:
                self._texts[file] = f.read()
        return self._texts[file]

    def lines(self, file):
        return self.text(file).splitlines()

    def sources(self, *endings):
        return [f for f in self.files if f.endswith(endings or SOURCE)]


def blanked(text):
    """C++ text with the insides of comments and literals blanked, so that braces can be counted."""
    pattern = (r'R"(?P<d>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=d)"|//[^\n]*|/\*(?:.|\n)*?\*/'
               r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'')
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b[^()]*$|extern\s*$")


def functions_in(text):
    """(first line, number of lines, name) of each function body; lambdas belong to the function around them."""
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", lambda m: re.sub(r"[^\n]", " ", m.group(0)), blanked(text), flags=re.M)
    found, stack, since = [], [], 0
    for match in re.finditer(r"[{};]", text):
        at, sign = match.start(), match.group(0)
        if sign == "{":
            before = text[since:at]
            inside = any(kind == "function" for kind, _, _ in stack)
            if inside or "(" not in before or SCOPE.search(before):
                stack.append(("scope", at, ""))
            else:
                start = since + len(before) - len(before.lstrip())
                name = re.findall(r"([~\w]+|operator\s*\S+)\s*\(", before)
                stack.append(("function", start, name[0] if name else "?"))
        elif sign == "}" and stack:
            kind, start, name = stack.pop()
            if kind == "function":
                first = text.count("\n", 0, start) + 1
                found.append((first, text.count("\n", 0, at) + 2 - first, name))
        since = at + 1
    return found
