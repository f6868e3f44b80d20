"""What tests need to talk to a Jupyter kernel; the fixture that starts one stands in tests/notebook/conftest.py."""

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

BOUND_S = 180

Kernel = tuple[KernelManager, BlockingKernelClient]


def outcome(client: BlockingKernelClient, message_id: str) -> tuple[dict, str]:
    """Wait for a cell's reply; return it with everything that was shown as text."""
    shown = []
    while True:
        message = client.get_iopub_msg(timeout=BOUND_S)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        content = message["content"]
        shown.append(content.get("text") or content.get("data", {}).get("text/plain", ""))
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            break
    while True:
        reply = client.get_shell_msg(timeout=BOUND_S)
        if reply["parent_header"].get("msg_id") == message_id:
            return reply["content"], "".join(shown)
