"""What goes wrong and can be mended by the user: one sentence and one hint, exit status 2."""


class LineageError(Exception):
    """Something that the user can mend.

    ``sentence`` says what is wrong, ``hint`` what to do about it; ``str(error)`` is both, with a space.
    """

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(f"{sentence} {hint}".strip())
        self.sentence = sentence
        self.hint = hint
