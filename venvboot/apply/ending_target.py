# Run before what it shall end: this process with all that it has started goes when the one that started it, whose
# number PARENT the text before this one sets, is gone. Nobody else would end it: it is in a session of its own.
import os
import signal
import threading
import time

if False:
    PARENT = 0


def end_with_parent():  # type: () -> None
    while os.getppid() == PARENT:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


if os.getpgid(0) == os.getpid():
    threading.Thread(target=end_with_parent, daemon=True).start()
