"""Marks of bound values, and the literals of a shape: whether each stands there as its own number, as it must."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

MARKS = re.compile(r"\?|%s\b")
_LITERALS = frozenset(
    {
        TokenType.STRING, TokenType.NUMBER, TokenType.NATIONAL_STRING, TokenType.UNICODE_STRING,
        TokenType.BIT_STRING, TokenType.HEX_STRING, TokenType.BYTE_STRING, TokenType.RAW_STRING,
        TokenType.HEREDOC_STRING,
    }
)  # fmt: skip
_COMMANDS_AT_MOST = 3
# Without a space between them the parser's lexer takes `$1,$` for the mark of a quoted text.
_CROWDED = re.compile(r"(?<![\w$])\$\d+(?=[^\s\w$][^\s$]*\$)")
# What a colon after it is not that of a mark.
_ENDS = frozenset("_'\"`)]}")


@dataclass
class Numbers:
    """How many literals and marks of bound values a text has had so far; ``gone``: literals that were left out."""

    literals: int = 0
    marks: int = 0
    gone: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Mark:
    start: int
    given: str


def is_apart(shape: str, dialect: Dialect) -> bool:
    """Whether the parser's lexer finds no literal in a shape but its numbers, in their order, and no comment: else it
    may hold a value, in a form that was not taken apart."""
    literals = 0
    try:
        for text, tokens, place in _lexed(_spaced(shape), dialect):
            token, before = tokens[place], tokens[place - 1] if place else None
            closes = token.token_type == TokenType.SLASH and _follows(before, token, TokenType.STAR)
            if token.comments or closes or token.token_type == TokenType.BACKSLASH:
                return False
            if _mark(text, before, token) is not None or not _is_literal(tokens, place):
                continue
            if token.text == str(literals):
                literals += 1
            elif not _is_of_name(text, token):
                return False
    except (SqlglotError, ValueError):
        return False
    return True


def _spaced(text: str) -> str:
    return _CROWDED.sub(r"\g<0> ", text)


def _lexed(text: str, dialect: Dialect, depth: int = 0) -> Iterator[tuple[str, list[Token], int]]:
    """The tokens of a text: the text and all the tokens among which each stands, and where. To the lexer, what follows
    some words is one literal, whatever it holds: here it is lexed as well."""
    tokens = dialect.tokenize(text)
    commands = dialect.tokenizer_class.COMMANDS
    for place, token in enumerate(tokens):
        if token.token_type != TokenType.STRING or not place or tokens[place - 1].token_type not in commands:
            yield text, tokens, place
        elif depth < _COMMANDS_AT_MOST:
            yield from _lexed(f"x {token.text}", dialect, depth + 1)
        else:
            raise ValueError


def marked(text: str, dialect: Dialect, numbers: Numbers) -> tuple[str, str] | None:
    """The text with its marks of bound values numbered, and as it is; None where two lexers disagree.

    Literals stand in a shape as their own numbers, so the numbers that the parser's lexer sees count up.
    """
    text = _spaced(text)
    try:
        tokens = dialect.tokenize(text)
    except (SqlglotError, ValueError):
        return None
    pieces, end, first = [], 0, True
    for place, token in enumerate(tokens):
        mark = _mark(text, tokens[place - 1] if place else None, token)
        if mark is not None:
            numbers.marks += 1
            pieces += [text[end : mark.start], f":bound_{mark.given or numbers.marks}"]
            end = token.end + 1
        elif _is_literal(tokens, place):
            number = int(token.text) if token.text.isdecimal() else -1
            while str(numbers.literals) in numbers.gone:
                numbers.literals += 1
            if number != numbers.literals and _is_of_name(text, token):
                continue
            if number < numbers.literals or (number > numbers.literals and not first):
                return None
            numbers.literals, first = number + 1, False
    return "".join(pieces) + text[end:], text


def _mark(text: str, before: Token | None, token: Token) -> _Mark | None:
    """A mark that ends with this token: ``?``, ``?1``, ``%s``, ``:1`` (not ``$1`` and names: the parser knows them)."""
    if token.token_type == TokenType.PLACEHOLDER and text[token.end + 1 : token.end + 2] not in ("|", "&", "?"):
        return None if text[token.end + 1 : token.end + 2].isdigit() else _Mark(token.start, "")
    if token.token_type == TokenType.NUMBER and _follows(before, token, TokenType.COLON, TokenType.PLACEHOLDER):
        ahead = text[max(token.start - 2, 0) : token.start - 1]
        within = text[token.start - 1] == ":" and (ahead.isalnum() or ahead in _ENDS)
        return None if within else _Mark(token.start - 1, token.text)
    if token.token_type == TokenType.VAR and token.text == "s" and _follows(before, token, TokenType.MOD):
        return _Mark(token.start - 1, "")
    return None


def _is_literal(tokens: list[Token], place: int) -> bool:
    """Whether a token is a literal: not the number of a mark, nor that in ``t.1``."""
    token, before = tokens[place], tokens[place - 1] if place else None
    return token.token_type in _LITERALS and not _follows(before, token, TokenType.PARAMETER, TokenType.DOT)


def _is_of_name(text: str, token: Token) -> bool:
    """Whether digits may be those of a name with hyphens, as BigQuery has them: ``my-project-123.t``."""
    ahead = text[max(token.start - 2, 0) : token.start]
    return token.token_type == TokenType.NUMBER and re.fullmatch("[0-9A-Za-z_]-", ahead) is not None


def _follows(before: Token | None, token: Token, *kinds: TokenType) -> bool:
    return before is not None and before.token_type in kinds and before.end + 1 == token.start
