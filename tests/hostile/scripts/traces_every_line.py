# Puts functions of its own behind every line and call, which raise.
# attacks: report
# ends: clean, inconclusive
import sys, threading


def trace(frame, event, argument):
    if "gradfix" in frame.f_code.co_filename or "recorder" in frame.f_code.co_filename:
        raise SystemError("found you")
    return trace


threading.setprofile(trace)
sys.setprofile(trace)
sys.settrace(trace)
