"""What a program says of its own command line, from its --help, so that nothing written from it goes stale."""

import os
import re
import subprocess
from dataclasses import dataclass, field

HELP_COLUMN = 30  # where CLI11 begins the help of an option


@dataclass
class Option:
    names: list  # ["-h", "--help"]; of a positional its name alone
    value: str  # "" for a flag
    default: str
    choices: list
    help: str
    required: bool = False


@dataclass
class Command:
    path: list  # [] for the program itself, ["listener", "add"]
    help: str
    options: list = field(default_factory=list)
    positionals: list = field(default_factory=list)
    commands: list = field(default_factory=list)

    def every(self):
        yield self
        for command in self.commands:
            yield from command.every()


def entries(block):
    """Pairs (head, help) of a block of --help, whose heads may fill a line of their own."""
    lines = block.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if at < len(lines) and lines[at].startswith(" " * HELP_COLUMN):
            yield line.strip(), lines[at].strip()
            at += 1
        else:
            yield line[:HELP_COLUMN].strip(), line[HELP_COLUMN:].strip()


def option(head, text):
    name, _, rest = head.partition(" ")
    required = "REQUIRED" in rest
    rest = rest.replace("REQUIRED", "").replace("...", "").strip()
    value, _, default = rest.partition("=")
    choices = re.search(r"\{(.*?)\}", value)
    # A data folder's default depends on who asks; its page says where it is.
    default = "" if name == "--data" else default
    return Option(name.split(","), re.split(r"[:\s]", value)[0] if value else "", default,
                  choices.group(1).split(",") if choices else [], text, required)


def read(program, path=(), text=""):
    env = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *path, "--help"], env=env, capture_output=True, text=True, check=True)
    blocks = dict(re.findall(r"^(Positionals|Options|Subcommands):\n(.*?)(?:\n\n|\Z)", done.stdout, re.M | re.S))
    command = Command(list(path), text or done.stdout.splitlines()[0])
    command.options = [option(*entry) for entry in entries(blocks.get("Options", ""))]
    command.positionals = [option(*entry) for entry in entries(blocks.get("Positionals", ""))]
    command.commands = [read(program, (*path, name), told)
                        for name, told in entries(blocks.get("Subcommands", ""))]
    return command
