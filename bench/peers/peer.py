"""What the peers in Python share: the requests that bench/vectorscan/scan.c describes."""

import json
import sys
import time


def serve(about, load, search):
    """Print about, then answer requests.

    load turns the bytes of a text into what search takes, which does not
    count; search returns the number of matches of each pattern, or one total.
    """
    print(json.dumps(about), flush=True)
    last, loaded = None, None
    for line in sys.stdin:
        if line != last:
            size, path = line.rstrip("\n").split(" ", 1)
            with open(path, "rb") as f:
                loaded = load(f.read(int(size)))
            last = line
        begun = time.perf_counter()
        found = search(loaded)
        answer = {"seconds": time.perf_counter() - begun}
        if isinstance(found, list):
            answer.update(matches=sum(found), by_pattern=found)
        else:
            answer.update(matches=found)
        print(json.dumps(answer), flush=True)
