"""What a power cut leaves of a directory, from the trace of what a program asked of it (tests/support/shim).

    model = DiskModel(directory)           # what is there now is on the disk
    …a program runs with its trace in a file, and is killed…
    model.replay(trace)
    model.cut(random.Random(seed))         # the directory is now what the disk kept

The disk is as unkind as POSIX allows and real ones have been seen to be:
  * bytes of a file are safe when a sync of that file, asked for after they were written, has returned; of the rest any
    512-byte sectors are there or not, in any order, and the file is as long as its last piece that is there, or longer
    with zeros in the gap, whatever other files kept;
  * what was not safe when a sync failed is lost, as on Linux, though a later sync says that all is well;
  * a name made, renamed or removed is safe when its directory has been synced since; of the rest any are done or not,
    but what was done to one name, and to names tied to it by renaming, is done in order.
"""
import os
import pathlib
import shutil
import struct

HEADER = struct.Struct("<cQQII")
SECTOR = 512


class Node:
    """What is safe, and what was asked for since the last sync; change(safe, asked) carries one of it out."""

    def __init__(self, safe, change):
        self.safe, self.pending, self.settled, self.change = safe, [], 0, change

    def settle(self, up_to):
        """What was asked first, up to this number of changes since the beginning, is on the disk."""
        count = max(0, up_to - self.settled)
        for asked in self.pending[:count]:
            self.change(self.safe, asked)
        del self.pending[:count]
        self.settled += count

    def lose(self):
        """A sync has failed: what it was for is gone, and no later one brings it back."""
        self.settled += len(self.pending)
        self.pending.clear()


class File(Node):
    """Bytes; asked: ('W', offset, bytes) or ('T', length)."""

    def __init__(self, content=b""):
        super().__init__(bytearray(content), apply)


class Directory(Node):
    """Names; asked: ('+', name, node), ('-', name) or ('>', old, new)."""

    def __init__(self):
        super().__init__({}, apply_name)

    def now(self):
        names = dict(self.safe)
        for asked in self.pending:
            apply_name(names, asked)
        return names


def apply(content, change):
    if change[0] == "T":
        length = change[1]
        del content[length:]
        content.extend(bytes(length - len(content)))
    else:
        offset, piece = change[1:]
        content.extend(bytes(max(0, offset - len(content))))
        content[offset:offset + len(piece)] = piece


def apply_name(names, change):
    if change[0] == "+":
        names[change[1]] = change[2]
    elif change[0] == "-":
        names.pop(change[1], None)
    elif change[1] in names:
        names[change[2]] = names.pop(change[1])


class DiskModel:
    def __init__(self, directory):
        self.path = pathlib.Path(directory)
        self.settle()

    def settle(self):
        """Everything that is in the directory now is on the disk."""
        self.inodes = {}
        self.root = self._load(self.path)
        self.tickets = {}

    def _load(self, path):
        node = Directory()
        self.inodes[path.stat().st_ino] = node
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                node.safe[entry.name] = self._load(pathlib.Path(entry.path))
            else:
                file = File(pathlib.Path(entry.path).read_bytes())
                node.safe[entry.name] = self.inodes[entry.inode()] = file
        return node

    def _parent(self, path):
        """The directory that a path stands in, as the program sees it now, and its name there."""
        parts = os.path.relpath(os.path.normpath(path), self.path).split("/")
        node = self.root
        for part in parts[:-1]:
            node = node.now()[part]
        return node, parts[-1]

    def replay(self, trace, syncs_count=True):
        """What the program asked for. syncs_count=False: of a disk that says it has synced and has not."""
        bytes_ = pathlib.Path(trace).read_bytes()
        at = 0
        while at + HEADER.size <= len(bytes_):
            kind, a, b, first, second = HEADER.unpack_from(bytes_, at)
            end = at + HEADER.size + first + second
            if end > len(bytes_):
                break  # the program ended in the middle of this record
            text = bytes_[at + HEADER.size:end]
            if syncs_count or kind not in b"SE":
                self._replay(kind.decode(), a, b, text[:first], text[first:])
            at = end

    def _replay(self, kind, a, b, first, second):
        if kind == "W":
            self.inodes[a].pending.append(("W", b, first))
        elif kind == "T":
            self.inodes[a].pending.append(("T", b))
        elif kind == "S":
            node = self.inodes[a]
            self.tickets[b] = node, node.settled + len(node.pending)
        elif kind == "F":
            self.inodes[a].lose()
        elif kind == "E":
            node, up_to = self.tickets.pop(b)
            node.settle(up_to)
        else:
            self._replay_name(kind, a, first.decode(), second.decode())

    def _replay_name(self, kind, inode, path, second):
        parent, name = self._parent(path)
        if kind in "CD":
            node = self.inodes[inode] = File() if kind == "C" else Directory()
            parent.pending.append(("+", name, node))
        elif kind == "U":
            parent.pending.append(("-", name))
        elif kind == "L":
            other, new = self._parent(second)
            other.pending.append(("+", new, parent.now()[name]))
        else:
            other, new = self._parent(second)
            if other is not parent:
                raise RuntimeError(f"{path}: renamed into another directory, which this model does not know")
            parent.pending.append((">", name, new))

    def cut(self, draw):
        """Draws what the disk kept and makes the directory so. Returns what was at stake: {what: count}."""
        stake = {"files unsynced": 0, "bytes unsynced": 0, "names unsynced": 0}
        self._write(self.path, self.root, draw, stake)
        self.settle()
        return stake

    def _write(self, path, directory, draw, stake):
        names = kept_names(directory, draw, stake)
        for entry in os.scandir(path):
            if entry.name not in names or isinstance(names[entry.name], Directory) != entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        for name, node in sorted(names.items()):
            target = path / name
            if isinstance(node, Directory):
                target.mkdir(mode=0o700, exist_ok=True)
                self._write(target, node, draw, stake)
                continue
            content = kept_bytes(node, draw, stake)
            if not target.exists() or target.read_bytes() != content:
                target.unlink(missing_ok=True)  # never through a second name
                target.write_bytes(content)
                target.chmod(0o600)


def kept_names(directory, draw, stake):
    """Groups of names tied by renaming; of each a drawn beginning of what was asked."""
    stake["names unsynced"] += len(directory.pending)
    groups = []  # [names, changes]
    for change in directory.pending:
        mine = {change[1], change[2]} if change[0] == ">" else {change[1]}
        tied = [group for group in groups if group[0] & mine]
        groups = [group for group in groups if not group[0] & mine]
        groups.append([set().union(mine, *(group[0] for group in tied)), [c for group in tied for c in group[1]] + [change]])
    names = dict(directory.safe)
    everything = draw.random()
    for _, changes in groups:
        kept = len(changes) if everything < 0.25 else 0 if everything < 0.5 else draw.randint(0, len(changes))
        for change in changes[:kept]:
            apply_name(names, change)
    return names


def kept_bytes(file, draw, stake):
    content = bytearray(file.safe)
    if not file.pending:
        return bytes(content)
    stake["files unsynced"] += 1
    stake["bytes unsynced"] += sum(len(change[2]) for change in file.pending if change[0] == "W")
    way = draw.choice(("nothing", "everything", "beginning", "sectors"))
    if way == "nothing":
        return bytes(content)
    if way in ("everything", "beginning"):
        kept = len(file.pending) if way == "everything" else draw.randint(0, len(file.pending) - 1)
        for change in file.pending[:kept]:
            apply(content, change)
        if way == "beginning" and file.pending[kept][0] == "W":
            _, offset, piece = file.pending[kept]  # torn at a sector, or anywhere
            apply(content, ("W", offset, piece[:draw.randint(0, len(piece))]))
        return bytes(content)
    longest = len(content)
    for change in file.pending:
        if change[0] == "T":
            if draw.random() < 0.5:
                apply(content, change)
            continue
        _, offset, piece = change
        longest = max(longest, offset + len(piece))
        at = 0
        while at < len(piece):
            length = min(SECTOR - (offset + at) % SECTOR, len(piece) - at)
            if draw.random() < 0.5:
                apply(content, ("W", offset + at, piece[at:at + length]))
            at += length
    if draw.random() < 0.5:  # the length reached the disk before the bytes
        content.extend(bytes(max(0, longest - len(content))))
    return bytes(content)
