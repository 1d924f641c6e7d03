"""Runs `aws s3api ...` for builds in forks of a process that has the AWS CLI loaded already.

The CLI takes half a second of a core to start, and every build calls it twice: a third of all the work of a local run. Here it starts once. A caller hands
over its arguments, environment, folder and open files, and gets the exit code; what runs is the CLI itself. A caller that dies takes its fork with it.

Usage: serve.py SOCKET
"""

import gc
import os
import signal
import socket
import sys
import threading
import traceback

from awscli.clidriver import create_clidriver
from botocore.config import Config  # The CLI's own, as which it answers to the name once it is imported.
from botocore.exceptions import EndpointConnectionError
from botocore.session import Session

MODELS_OF_S3 = ["service-2", "waiters-2", "paginators-1", "endpoint-rule-set-1"]
MODELS_OF_ALL = ["endpoints", "partitions", "_retry", "sdk-default-configuration"]


def loaded_driver():
    """
    The CLI, with the commands and the models of S3 in memory: three quarters of what a call takes. Nothing of an environment is read: that is done when a
    command runs.
    """
    driver = create_clidriver()
    loader = driver.session.get_component("data_loader")
    for kind in MODELS_OF_S3:
        loader.list_available_services(kind)
        loader.load_service_model("s3", kind)
    for name in MODELS_OF_ALL:
        loader.load_data(name)
    for command in driver._get_command_table()["s3api"]._get_command_table().values():
        if command.name in ("get-object", "put-object"):
            command.arg_table
    call_nobody(loader)
    gc.freeze()  # What forks never free they need not copy.
    return driver


def call_nobody(loader):
    """Imports what a call imports, in a session whose credentials and settings no fork ever sees."""
    session = Session()
    session.register_component("data_loader", loader)
    at = {"region_name": "eu-west-1", "endpoint_url": "http://127.0.0.1:1", "config": Config(retries={"total_max_attempts": 1})}
    client = session.create_client("s3", aws_access_key_id="none", aws_secret_access_key="none", **at)
    try:
        client.get_object(Bucket="none", Key="none")
    except EndpointConnectionError:
        pass  # As it must be on this port.


def heard(caller):
    """What the caller asks for, and its open files. Nothing when it died before it had said so."""
    length, files, _, _ = socket.recv_fds(caller, 4, 3)
    given = b""
    while len(length) == 4 and len(given) < int.from_bytes(length, "big"):
        more = caller.recv(1 << 20)
        if more == b"":
            break
        given += more
    if len(length) < 4 or len(given) < int.from_bytes(length, "big"):
        return None, files
    folder, count, *words = given.split(b"\0")
    arguments, variables = words[: int(count)], words[int(count) :]
    return {
        "folder": folder,
        "arguments": [os.fsdecode(word) for word in arguments],
        "environment": dict(variable.split(b"=", 1) for variable in variables),
    }, files


def end_with_caller(caller):
    """A killed build leaves nothing behind, as when the CLI were its own process."""
    if caller.recv(1) == b"":
        os._exit(128 + signal.SIGKILL)


def run(driver, caller):
    asked, files = heard(caller)
    if asked is None:
        return
    os.environb.clear()
    os.environb.update(asked["environment"])
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
