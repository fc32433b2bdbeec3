"""Reads every page of a built site and prints how many texts break each rule: `python tests/wording
SITE [rule]`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from wording.reading import read_site
    from wording.rules import faults, median_words

    pages = read_site(Path(sys.argv[1]))
    found = faults(pages)
    print(
        f"{len(pages)} pages, {sum(len(page.sentences) for page in pages):,} texts, "
        f"median sentence {median_words(pages):g} words"
    )
    for rule, texts in found.items():
        print(f"{len(texts):6,} {rule}")
        if sys.argv[2:] == [rule] or sys.argv[2:] == ["all"]:
            print(*sorted(set(texts)), sep="\n")
