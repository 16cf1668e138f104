"""Ctrl-C and its like, heard between two batches."""

import contextlib
import os
import signal
import threading


class Request:
    """The signal that asked to stop, or None."""

    signal = None

    def ask(self, number, frame):
        self.signal = number
        signal.signal(number, signal.default_int_handler)
        os.write(2, b"\nFinishing this batch, then saving; once more stops at once.\n")


@contextlib.contextmanager
def asked_to_stop():
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a `Request`; the second one interrupts. Only the main thread hears
    signals.
    """
    request, before = Request(), {}
    if threading.current_thread() is threading.main_thread():
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
        # One that is ignored stays so: that is how `nohup` keeps a run alive.
        wanted = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, request.ask) for number in wanted}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
