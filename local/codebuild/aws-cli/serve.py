"""Runs `aws s3api ...` for builds in forks of a process that has the AWS CLI loaded already.

The CLI takes half a second of a core to start, and every build calls it twice: a third of all the work of a local run. Here it starts once. A caller hands
over its arguments, environment, folder and open files, and gets the exit code; what runs is the CLI itself. A caller that dies takes its fork with it.

Usage: serve.py SOCKET
"""

import json
import os
import signal
import socket
import sys
import threading
import traceback

from awscli.clidriver import create_clidriver


def loaded_driver():
    """The CLI, with the commands and the model of S3 in memory. Nothing of an environment is read: that is done when a command runs."""
    driver = create_clidriver()
    driver._get_command_table()
    driver.session.get_service_model("s3")
    return driver


def heard(caller):
    """What the caller asks for, and its open files. Nothing when it died before it had said so."""
    given, files, _, _ = socket.recv_fds(caller, 1 << 20, 3)
    while not given.endswith(b"\n"):
        more = caller.recv(1 << 20)
        if more == b"":
            return None, files
        given += more
    return json.loads(given), files


def end_with_caller(caller):
    """A killed build leaves nothing behind, as when the CLI were its own process."""
    if caller.recv(1) == b"":
        os._exit(128 + signal.SIGKILL)


def run(driver, caller):
    asked, files = heard(caller)
    if asked is None:
        return
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    threading.Thread(target=end_with_caller, args=[caller], daemon=True).start()
    try:
        code = driver.main(asked["arguments"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    sys.stdout.flush()
    caller.sendall(bytes([code & 255]))


def serve(address):
    driver = loaded_driver()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for a fork: its caller hears of it.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(address)
        door.listen(64)
        print("ready", flush=True)
        while True:
            caller, _ = door.accept()
            if os.fork() == 0:
                door.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                try:
                    run(driver, caller)
                except BaseException:
                    traceback.print_exc()  # Into the build's own output, where its files were taken over, else into our log.
                finally:
                    os._exit(0)
            caller.close()


address = sys.argv[1]
sys.argv = ["aws"]  # What it calls itself in its words.
serve(address)
