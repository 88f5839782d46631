"""Completions of a command line for bash, zsh and fish."""

FOLDERS = {"--data"}
FILES = {"--config", "--out", "--manifest", "--tls-cert", "--tls-key", "--follow-from", "FILE", "PATH", "INVITE"}


def long_names(command):
    return [name for option in command.options for name in option.names if name.startswith("--")]


def quoted(text):
    return text.replace("'", "'\\''")


def bash(program, tree):
    function = "_" + program.replace("-", "_")
    lines = [f"# bash completion of {program}; made from its --help", f"{function}() {{",
             '  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} path="" word',
             "  local known=\" " + " ".join("/".join(c.path) for c in tree.every() if c.path) + ' "',
             "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do",
             '    [[ $known == *" ${path:+$path/}$word "* ]] && path=${path:+$path/}$word',
             "  done", '  case "$path $before" in']
    for command in tree.every():
        for option in command.options:
            if option.choices:
                lines.append(f"    \"{'/'.join(command.path)} {option.names[-1]}\")"
                             f" COMPREPLY=($(compgen -W \"{' '.join(option.choices)}\" -- \"$current\")); return ;;")
    folders = "|".join(f'*" {name}"' for name in sorted(FOLDERS))
    files = "|".join(f'*" {name}"' for name in sorted(FILES) if name.startswith("-"))
    lines += [f"    {folders}) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\")); return ;;"]
    lines += [f"    {files}) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\")); return ;;", "  esac",
              "  local words", '  case "$path" in']
    for command in tree.every():
        words = [c.path[-1] for c in command.commands] + long_names(command)
        lines.append(f"    \"{'/'.join(command.path)}\") words=\"{' '.join(words)}\" ;;")
    lines += ["  esac", '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
              "  [[ ${#COMPREPLY[@]} -gt 0 || $current == -* ]] ||"
              " { compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\")); }",
              "}", f"complete -F {function} {program}"]
    return "\n".join(lines) + "\n"


def zsh_option(option):
    told = option.help.replace("[", "(").replace("]", ")").replace(":", "\\:")
    after = ""
    if option.value:
        action = f"({' '.join(option.choices)})" if option.choices else (
            "_files -/" if option.names[-1] in FOLDERS else "_files" if option.names[-1] in FILES else "")
        after = f":{option.value.lower()}:{action}"
    return [f"'{quoted(f'{name}[{told}]{after}')}'" for name in option.names]


def zsh(program, tree):
    lines = [f"#compdef {program}", f"# zsh completion of {program}; made from its --help"]

    def function(command):
        return "_" + "_".join([program, *command.path]).replace("-", "_")

    for command in tree.every():
        arguments = [spec for option in command.options for spec in zsh_option(option)]
        lines.append(f"{function(command)}() {{")
        if command.commands:
            lines += ["  local -a commands=("]
            lines += [f"    '{quoted(c.path[-1] + ':' + c.help.replace(':', ' '))}'" for c in command.commands]
            lines += ["  )", "  local line state",
                      "  _arguments -C " + " ".join(arguments) + " '1: :->command' '*::arg:->arguments'",
                      '  case "$state" in', "    command) _describe command commands ;;",
                      '    arguments) case "$line[1]" in']
            lines += [f"      {c.path[-1]}) {function(c)} ;;" for c in command.commands]
            lines += ["    esac ;;", "  esac"]
        else:
            if command.positionals:
                arguments.append("'*:file:_files'")
            lines.append("  _arguments " + " ".join(arguments))
        lines.append("}")
    lines.append(f'{function(tree)} "$@"')
    return "\n".join(lines) + "\n"


def fish(program, tree):
    lines = [f"# fish completion of {program}; made from its --help"]

    def seen(words):
        return f"__fish_seen_subcommand_from {' '.join(words)}"

    for command in tree.every():
        names = [c.path[-1] for c in command.commands]
        here = " ; and ".join(seen([word]) for word in command.path) if command.path else ""
        before = f"not {seen(names)}" if names else ""
        condition = " ; and ".join(part for part in (here, before) if part)
        on = f" -n '{condition}'" if condition else ""
        for child in command.commands:
            lines.append(f"complete -c {program} -f{on} -a {child.path[-1]} -d '{quoted(child.help)}'")
        for option in command.options:
            names_of = "".join(f" -l {n[2:]}" if n.startswith("--") else f" -s {n[1:]}" for n in option.names)
            value = ""
            if option.choices:
                value = f" -x -a '{' '.join(option.choices)}'"
            elif option.names[-1] in FOLDERS:
                value = " -x -a '(__fish_complete_directories)'"
            elif option.value:
                value = " -r" if option.names[-1] in FILES else " -x"
            lines.append(f"complete -c {program}{on}{names_of}{value} -d '{quoted(option.help)}'")
    return "\n".join(lines) + "\n"
