"""Vectorscan as package hyperscan of PyPI brings it: the same patterns, flags and blocks as scan.c."""

import sys

import hyperscan

from peer import serve

BLOCK = 1 << 20


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        exprs = [line.rstrip("\n").split("\t", 1)[1] for line in f if "\t" in line]
    db = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    db.compile(expressions=[e.encode() for e in exprs], ids=list(range(len(exprs))), elements=len(exprs), flags=0)

    def search(blocks):
        counts = [0] * len(exprs)

        def count(pattern, start, end, flags, context):
            counts[pattern] += 1

        for b in blocks:
            db.scan(b, match_event_handler=count)
        return counts

    about = {"version": hyperscan.__version__, "platform": db.info().decode().strip("\0"), "patterns": len(exprs)}
    serve(about, lambda text: [text[i : i + BLOCK] for i in range(0, len(text), BLOCK)], search)


main()
