"""What goes wrong and can be mended by the user: one sentence and one hint, exit status 2."""


class LineageError(Exception):
    """Something that the user can mend.

    ``sentence`` says what is wrong, ``hint`` what to do about it; ``str(error)`` is both, with a space. Where the hint
    names what may have been meant (``near``, as it stands there, with commas), ``given`` is what was written instead.
    """

    def __init__(self, sentence: str, hint: str, *, given: str = "", near: tuple[str, ...] = ()) -> None:
        super().__init__(f"{sentence} {hint}".strip())
        self.sentence = sentence
        self.hint = hint
        self.given, self.near = given, near
