"""Reads C++ text well enough for the rules of tidy: not a parser, only comments, strings and braces."""
import re

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^(\s]{0,16})\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S)
INCLUDE_LINE = re.compile(r'^\s*#\s*include\s+"[^"]+"', re.M)
CONTROL = re.compile(r"\b(if|for|while|switch|catch|do|else|return)\b")
TYPE = re.compile(r"(^|[;{}>\s])(namespace|class|struct|union|enum|extern)\b")


def without_comments_and_strings(text):
    """The same text with comments and the insides of quotes blanked, line numbers kept."""
    def blank(match):
        kept = re.sub(r"[^\n]", " ", match.group(0))
        return kept if match.group(0).startswith(("//", "/*")) else '"' + kept[1:-1] + '"'
    return TOKEN.sub(blank, text)


def top_comment(text):
    """The comment that opens a file, without its slashes."""
    lines = []
    for line in text.split("\n"):
        if not line.startswith("//"):
            break
        lines.append(line.lstrip("/ "))
    return " ".join(lines)


def functions(text):
    """Yields (name, first line, last line) of each outermost function body, tests included."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                  without_comments_and_strings(text), flags=re.M)
    head_start, stack, line = 0, [], 1
    for index, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            head = code[head_start:index]
            inside = any(entry is not None for entry in stack)
            stack.append(None if inside else function_head(head, line))
            head_start = index + 1
        elif char == "}":
            entry = stack.pop() if stack else None
            if entry is not None:
                yield entry[0], entry[1], line
            head_start = index + 1
        elif char == ";":
            head_start = index + 1


def function_head(head, line):
    """(name, line) when the text before a brace is a function's head, otherwise None."""
    if "(" not in head or CONTROL.search(head) or TYPE.search(head.split("(")[0]):
        return None
    name = re.search(r"([\w:~]+|operator\s*\S+)\s*\(", head)
    return (name.group(1) if name else "?", line - head.strip().count("\n"))
