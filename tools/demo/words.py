"""What the demo says, in Vietnamese and English; chosen by LANG."""
import os

VIETNAMESE = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""


def say(vi, en):
    """The text in the user's language."""
    return vi if VIETNAMESE.lower().startswith("vi") else en
