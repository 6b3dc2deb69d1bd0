"""datafog's detectors without a model, in Python or in its Rust core, on pieces of some 8 KiB that end with a line."""

import importlib.metadata
import sys

from datafog.engine import scan

from peer import serve

PIECE = 8 << 10


def pieces(text):
    cut, at = [], 0
    while at < len(text):
        end = text.rfind(b"\n", at, at + PIECE) + 1
        if end == 0 or at + PIECE >= len(text):
            end = min(at + PIECE, len(text))
        cut.append(text[at:end].decode("utf-8", errors="replace"))
        at = end
    return cut


def main():
    backend = sys.argv[1]
    scan("", engine="regex", backend=backend)  # fails here if the core is missing
    about = {"version": importlib.metadata.version("datafog")}
    if backend == "rust":
        about["core"] = importlib.metadata.version("datafog-core")
    serve(about, pieces, lambda texts: sum(len(scan(t, engine="regex", backend=backend).entities) for t in texts))


main()
