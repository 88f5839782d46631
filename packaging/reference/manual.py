"""Man pages: prose from NAME.in beside us, options from the program, settings from its default file."""

import re


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti").replace("^", "\\(ha")
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def head_of(option):
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in option.names)
    return names + (f" \\fI{escaped(option.value)}\\fR" if option.value else "")


def told(option):
    text = escaped(option.help)
    if option.choices and not all(choice in option.help for choice in option.choices):
        text += f". One of {escaped(', '.join(option.choices))}"
    return text + (f". Default: {escaped(option.default)}" if option.default else "")


def commands(program, tree):
    lines = []
    for command in tree.every():
        if not command.path or command.commands:
            continue
        usage = [f"\\fB{escaped(program)} {escaped(' '.join(command.path))}\\fR", "[\\fIOPTIONS\\fR]"]
        usage += [f"\\fI{escaped(p.names[0])}\\fR" for p in command.positionals]
        lines += [f".SS {escaped(' '.join(command.path))}", " ".join(usage), ".PP", escaped(command.help) + "."]
        for entry in command.positionals + [o for o in command.options if "--help" not in o.names]:
            lines += [".TP", head_of(entry) if entry in command.options else f"\\fI{escaped(entry.names[0])}\\fR",
                      told(entry) + "."]
    return "\n".join(lines)


def settings(default_file):
    """The keys of `check-config --print-default`, whose comments stand above each."""
    lines, above = [], []
    for line in default_file.splitlines()[2:]:
        section = re.match(r"#?(\[+\w+\]+)$", line)
        key = re.match(r"#(\w+) = (.*)$", line)
        if section:
            lines += [f".SS {escaped(section.group(1))}"] + [escaped(text) for text in above]
            above = []
        elif key:
            *text, kind = above
            lines += [".TP", f"\\fB{key.group(1)}\\fR = {escaped(key.group(2))}"]
            lines += [escaped(part) for part in text] + [f"({escaped(kind)})"]
            above = []
        elif line.startswith("# "):
            above.append(line[2:])
        elif not line:
            above = []
    return "\n".join(lines)


def page(prose, version, date, **parts):
    for name, text in {"VERSION": version, "DATE": date, **parts}.items():
        prose = prose.replace(f"@{name}@", text)
    return prose
