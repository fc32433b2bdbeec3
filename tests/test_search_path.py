"""No module of the workbook changes where Python looks for modules: `text` or `table` would then
name a file of a library, in every notebook."""

import json
import subprocess
import sys

IMPORT_ALL = """
import importlib, json, pkgutil, sys
import analysis
before = list(sys.path)
changed = []
for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
    if module.name.endswith("__main__"):
        continue
    importlib.import_module(module.name)
    if sys.path != before:
        changed.append(module.name)
        sys.path[:] = before
print(json.dumps(changed))
"""


def test_no_module_changes_where_python_looks_for_modules(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
