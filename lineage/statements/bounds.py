"""How much of a text is parsed: what is larger, or deeper, than statements are is not understood.

The parser calls itself for what stands in something else, in compiled code that no limit of Python's ends: a text that
is too deep ends the whole program. It tries some words in several ways, each of which doubles what follows; and it
looks at all of a value again for each part that is taken of it. None of these bounds depends on how fast it is.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlglot import Dialect, exp
from sqlglot.tokenizer_core import Token, TokenType

SIZE_AT_MOST = 500_000  # characters of a shape: beside its structure it holds nothing but the numbers of its literals
DEPTH_AT_MOST = 100  # of brackets in brackets
TYPES_AT_MOST = 8  # of brackets in brackets that follow the name of a type: STRUCT(STRUCT(
JOINS_AT_MOST = 100  # one after the other that no ON or USING has closed yet
NAMED_AT_MOST = 1_000  # queries with a name: a AS (SELECT …); each is looked for among all of them
PIPES_AT_MOST = 100  # |> after |>: the parser copies for each what stands before it
FROM_AT_MOST = 20  # that begin a query without SELECT, and without brackets; SUMMARIZE too
PARTS_AT_MOST = 24  # of a value or a name, one of the other: a.b[1][2].c
TREE_AT_MOST = 1_000  # nodes in one another; a chain of one operator, such as a thousand ORs, counts as one
# Nodes that the parser makes, those of what it tries and drops too; most texts are parsed with two for each token.
NODES_AT_MOST, NODES_OF_TOKEN = 30_000, 20
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_WINDOW = frozenset({TokenType.OVER, TokenType.KEEP})  # f(a) OVER (…) OVER (…)
_LINKING = frozenset({TokenType.DOT, TokenType.COLON, TokenType.DCOLON}) | _WINDOW
_JOINS, _JOINED = frozenset({TokenType.JOIN, TokenType.STRAIGHT_JOIN}), frozenset({TokenType.ON, TokenType.USING})
_BEFORE_TABLE = frozenset({TokenType.FROM, TokenType.COMMA, TokenType.JOIN, TokenType.USING, TokenType.INTO})


def is_too_deep(
    tokens: Sequence[Token], types: AbstractSet[TokenType], nesting: AbstractSet[TokenType] = frozenset()
) -> bool:
    """Whether a text holds more in one another than the parser can bear. ``types``: the names of types; ``nesting``:
    those that hold others, as in ARRAY<ARRAY<…>>."""
    froms, joins, angles, named, pipes, parts, after_type = 0, 0, 0, 0, 0, [0], [0]
    before = None
    for token in tokens:
        kind = token.token_type
        if kind in _CLOSING:
            if len(parts) > 1:
                parts.pop()
                after_type.pop()
        elif kind in _OPENING:
            parts[-1] += kind == TokenType.L_BRACKET
            parts.append(0)
            after_type.append(after_type[-1] + (before in types))
        elif kind == TokenType.DOT or kind in _WINDOW:
            parts[-1] += 1
        elif kind not in _LINKING and before not in _LINKING:
            parts[-1] = 0
        froms += kind == TokenType.SUMMARIZE or (kind == TokenType.FROM and before in _BEFORE_TABLE)
        if kind in _JOINS:
            joins += before != TokenType.CROSS
        elif kind in _JOINED:
            joins = max(0, joins - 1)
        elif kind == TokenType.LT:
            angles += before in nesting
        elif angles and kind == TokenType.GT:
            angles -= 1
        named += before == TokenType.ALIAS and kind == TokenType.L_PAREN
        pipes += kind == TokenType.PIPE_GT
        if joins > JOINS_AT_MOST or angles > DEPTH_AT_MOST or named > NAMED_AT_MOST or pipes > PIPES_AT_MOST:
            return True
        if len(parts) > DEPTH_AT_MOST or after_type[-1] > TYPES_AT_MOST:
            return True
        if parts[-1] > PARTS_AT_MOST or froms > FROM_AT_MOST:
            return True
        before = kind
    return False


def parse_bounded(text: str, dialect: Dialect) -> list[exp.Expr | None]:
    """The trees of a text; none of what is beyond the bounds. Raises the parser's errors, and its own faults."""
    tokens = dialect.tokenize(text)
    parser = dialect.parser_class
    if is_too_deep(tokens, parser.TYPE_TOKENS, parser.NESTED_TYPE_TOKENS):
        return []
    trees = dialect.parser(max_nodes=NODES_AT_MOST + NODES_OF_TOKEN * len(tokens)).parse(tokens, text)
    if len(tokens) > TREE_AT_MOST and any(tree is not None and _is_tall(tree) for tree in trees):
        return []
    return trees


def _is_tall(tree: exp.Expr) -> bool:
    """Whether more stands in one another than whatever walks the tree can bear: what follows a value, such as a cast of
    a cast, needs no brackets."""
    todo = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > TREE_AT_MOST:
            return True
        for inner in node.iter_expressions():
            todo.append((inner, depth + (type(inner) is not type(node) or not isinstance(inner, exp.Binary))))
    return False
