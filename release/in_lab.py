"""Opens one notebook as a learner does: `parlab lab`, its token, a kernel that its server starts, every cell.

usage: in_lab.py FOLDER NOTEBOOK       runs with the Python of the environment that is tried
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from queue import Empty
from typing import Any

START_S = 180
CELL_S = 300


def server(runtime: Path, process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Wait for the file in which Jupyter notes address and token."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                ask(told, "api/status")
            except (OSError, ValueError):
                continue
            return told
        time.sleep(0.2)
    sys.exit(f"parlab lab did not answer within {START_S} s")


def ask(told: dict[str, Any], path: str, data: object = None, token: str | None = None) -> Any:
    """Ask the server, with its token or another one."""
    headers = {
        "Authorization": f"token {told['token'] if token is None else token}",
        "Content-Type": "application/json",
    }
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(f"{told['url']}{path}", data=body, headers=headers)  # noqa: S310  # http on 127.0.0.1
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # the same
        return json.loads(answer.read())


def refuses_strangers(told: dict[str, Any]) -> bool:
    """Tell whether a wrong token is turned away."""
    try:
        ask(told, "api/contents", token="guessed")  # noqa: S106  # a wrong one on purpose
    except urllib.error.HTTPError as problem:
        return problem.code in {401, 403}
    return False


def run_cells(connection: Path, cells: list[str]) -> int:
    """Run the cells one by one in the server's kernel; return how many ran."""
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=START_S)
        for number, cell in enumerate(cells, start=1):
            try:
                reply = client.execute_interactive(cell, timeout=CELL_S, output_hook=lambda _: None)
            except (TimeoutError, Empty):
                sys.exit(f"Cell {number} did not end within {CELL_S} s:\n{cell}")
            content = reply["content"]
            if content["status"] != "ok":
                sys.exit(f"Cell {number} failed, {content.get('ename')}: {content.get('evalue')}\n{cell}")
    finally:
        client.stop_channels()
    return len(cells)


def main(folder: Path, notebook: str) -> None:
    """Start the server, run the notebook in a kernel of it, and end it as Ctrl-C does."""
    parlab = Path(sys.executable).with_name("parlab")
    with tempfile.TemporaryDirectory() as name:
        runtime = Path(name).resolve()
        surroundings = {**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime)}
        line = [str(parlab), "lab", str(folder), "--no-browser"]
        process = subprocess.Popen(line, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = server(runtime, process)
            if not refuses_strangers(told):
                sys.exit("The server let a wrong token in")
            content = ask(told, f"api/contents/{notebook}")["content"]
            cells = ["".join(one["source"]) for one in content["cells"] if one["cell_type"] == "code"]
            wanted = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
            kernel = ask(told, "api/sessions", wanted)["kernel"]["id"]
            print(run_cells(runtime / f"kernel-{kernel}.json", cells), "cells ran")
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the server: two SIGINTs or one SIGTERM make it shut down its kernels; wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
