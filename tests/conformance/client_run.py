"""Runs one of the third-party clients on a plan."""
import json
import pathlib
import re
import subprocess

from interop_cases import CLIENTS

CLIENT_SECONDS_MAX = 120
UUID_V7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def run_client(name, plan):
    """Results of a plan by the names of its calls."""
    command, _ = CLIENTS[name]
    program = pathlib.Path(__file__).resolve().parent / "clients" / command[1]
    done = subprocess.run([command[0], str(program)], input=json.dumps(plan), capture_output=True, text=True,
                          timeout=CLIENT_SECONDS_MAX)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed ({done.returncode}):\n{done.stderr[-4000:]}")
    return {result["name"]: result for result in map(json.loads, done.stdout.splitlines())}
