"""The cases of the Kustomize tests, Tests/KustomizeTests/Cases.

A case is `=== name`, then files, each `--- path` and its content as it is; `--- path (hex)` has bytes in hexadecimal, and
`--- path (no newline)` ends without one. Lines that begin with `# ` between the two are notes: `# overlay: dir` renders
another directory than the root; `# refused: text` says that we refuse the case with a message that contains the text,
whatever Kustomize does.
"""


def cases(text):
    result, file = [], None
    for line in text.splitlines(keepends=True):
        if line.startswith("=== "):
            result.append({"name": line[4:].strip(), "overlay": ".", "files": {}})
            file = None
        elif line.startswith("--- ") and result:
            file = line[4:].strip()
            result[-1]["files"][file] = ""
        elif file is not None:
            result[-1]["files"][file] += line
        elif result and line.startswith("# overlay: "):
            result[-1]["overlay"] = line[len("# overlay: "):].strip()
    return result


def content(path, text):
    if path.endswith(" (hex)"):
        return path[: -len(" (hex)")], bytes.fromhex(text)
    if path.endswith(" (no newline)"):
        return path[: -len(" (no newline)")], text.removesuffix("\n").encode()
    return path, text.encode()
