"""Adds up the reports of Surefire and Failsafe that are newer than a file, and names what failed."""

import glob
import os
import sys
import xml.etree.ElementTree as xml


def reports(newer_than):
    since = os.path.getmtime(newer_than)
    for folder in ("surefire-reports", "failsafe-reports"):
        for path in sorted(glob.glob(f"*/target/{folder}/TEST-*.xml")):
            if os.path.getmtime(path) >= since:
                yield path


def outcome(case):
    for tag in ("failure", "error"):
        found = case.find(tag)
        if found is not None:
            return "failed", (found.get("message") or found.get("type") or "").splitlines()[:1]
    return ("skipped" if case.find("skipped") is not None else "passed"), []


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in reports(sys.argv[1]):
        for case in xml.parse(path).getroot().iter("testcase"):
            kind, why = outcome(case)
            counts[kind] += 1
            if kind == "failed":
                print(f"FAILED {case.get('classname')}.{case.get('name')}: {''.join(why)}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or not counts["passed"] else 0


sys.exit(main())
