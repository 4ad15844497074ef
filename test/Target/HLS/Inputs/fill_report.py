# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts a report into the page's template as Sumac does: TEMPLATE JSON PAGE."""

import json
import sys

template, report, page = sys.argv[1:]
with open(template, encoding="utf-8") as file:
    head, _, tail = file.read().partition("@REPORT@")
with open(report, encoding="utf-8") as file:
    data = json.dumps(json.load(file)).replace("<", "\\u003c")
with open(page, "w", encoding="utf-8") as file:
    file.write(head + data + tail)
