"""Starts a server for a test, apart from it, and prints the server's process id: server.py <log> <command>…

It inherits no descriptors and no blocked signals, and ends after five minutes by itself.
"""

import os
import signal
import sys

child = os.fork()
if child:
    print(child)
    sys.exit(0)
os.setsid()
# Swift's threads block signals, and what they start inherits that.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o600)
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
os.dup2(log, 1)
os.dup2(log, 2)
os.closerange(3, 4096)
os.execvp("timeout", ["timeout", "300"] + sys.argv[2:])
