"""Python as a program: read by Python's own parser, never run."""

from __future__ import annotations

import ast
from warnings import catch_warnings, simplefilter

from pinwarden.surface.fact import NotParsed
from pinwarden.surface.program import Called, Expr, Fields, Item, Joined, Made, Name, Other, Program, Several, Text, Tool, literal
from pinwarden.surface.python_tree import dotted, imported, parameters
from pinwarden.surface.scopes import Scopes

_TOOL_DECORATORS = frozenset({"tool", "register_tool", "add_tool"})


def read(source: bytes) -> Program:
    """Parse `source` in the encoding that it declares, as the interpreter would. Raises NotParsed, and RecursionError or MemoryError for monsters."""
    try:
        with catch_warnings():
            simplefilter("ignore")
            module = ast.parse(source)
    except (SyntaxError, ValueError, LookupError) as error:
        raise NotParsed(f"not Python at line {getattr(error, 'lineno', None) or 1}") from error
    reader = _Reader(imported(module))
    reader.body(module.body)
    return reader.program


class _Reader:
    def __init__(self, imported: dict[str, str]) -> None:
        self.program = Program()
        self._imported = imported
        self._scopes = Scopes()
        self._function = ""

    def dotted(self, node: ast.AST) -> str:
        """Return `a.b.c` for names and attributes, by what was imported and not by what it is called here; empty for anything else."""
        first, dot, rest = dotted(node).partition(".")
        return self._imported.get(first, first) + dot + rest

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):  # a docstring does nothing
                self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node)
            case ast.ClassDef():
                self.declared_fields(node)
                self.children(node)
            case ast.Return(value=ast.expr() as value) if self._function:
                self.program.returned.append((self._function, self.expr(value)))
            case ast.Assign():
                for target in node.targets:
                    self.bind(target, node.value)
            case ast.AnnAssign() | ast.AugAssign():
                if node.value is not None:
                    self.bind(node.target, node.value)
            case ast.For() | ast.AsyncFor():
                self.bind(node.target, node.iter)
                self.body([*node.body, *node.orelse])
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, item.context_expr)
                    else:
                        self.root(item.context_expr)
                self.body(node.body)
            case _:
                self.children(node)

    def children(self, node: ast.AST) -> None:
        """Read the statements and expressions inside anything else."""
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.expr():
                    self.root(child)
                case ast.stmt():
                    self.body([child])
                case _:
                    self.children(child)

    def root(self, node: ast.expr) -> None:
        self.program.roots.append(self.expr(node))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.defaults(node.args)
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.dotted(called).rpartition(".")[2] in _TOOL_DECORATORS:
                self.tool(node, decorator)
            self.root(decorator)
        outside, self._function = self._function, node.name
        with self._scopes.function(parameters(node.args)):
            self.body(node.body)
        self._function = outside

    def defaults(self, arguments: ast.arguments) -> None:
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True):
            self.program.bound.append((argument.arg, self.expr(default)))
        for argument, default_or_none in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default_or_none is not None:
                self.program.bound.append((argument.arg, self.expr(default_or_none)))

    def declared_fields(self, node: ast.ClassDef) -> None:
        """Note fields that a class only declares: whoever makes one of it says what they hold."""
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and statement.value is None and (path := self.dotted(statement.target)):
                self.program.bound.append((path, Name(path, statement.lineno, given=True)))

    def tool(self, node: ast.FunctionDef | ast.AsyncFunctionDef, decorator: ast.expr) -> None:
        given = {keyword.arg: keyword.value for keyword in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
        name = given.get("name", first)
        text = given.get("description")
        self.program.tools.append(
            Tool(
                name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else node.name,
                ast.unparse(text)
                if text is not None and not isinstance(text, ast.Constant)
                else str(text.value)
                if text is not None
                else ast.get_docstring(node) or "",
                ast.unparse(node.args),
                node.lineno,
            )
        )

    def bind(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Tuple(elts=names) | ast.List(elts=names):
                values = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names) else [value] * len(names)
                for name, one in zip(names, values, strict=True):
                    self.bind(name, one)
            case ast.Subscript():
                key, placed = self.expr(target.slice), self.expr(value)
                self.root(target.value)
                if isinstance(word := literal(key), str) and not word.isdecimal():
                    self.program.bound.append((f"{self.dotted(target.value)}.{word}", placed))
                    return
                # What is put under a computed key belongs to the whole.
                self.program.bound.append((self.dotted(target.value), placed))
                self.program.roots.append(key)
                self.program.placed.append((key, placed))
            case ast.Starred():
                self.bind(target.value, value)
            case _:
                path, bound = self.dotted(target), self.expr(value)
                self._scopes.rebound(path)
                self.program.bound.append((path, bound))

    def expr(self, node: ast.expr) -> Expr:  # noqa: C901, PLR0911, PLR0912  # one branch per kind of expression
        line = node.lineno
        match node:
            case ast.Constant():
                return Text(node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value), line)
            case ast.JoinedStr(values=values):
                return Joined(tuple(self.expr(value) for value in values), line)
            case ast.FormattedValue(value=value) | ast.Await(value=value) | ast.Starred(value=value):
                return self.expr(value)
            case ast.BinOp(op=ast.Add()):
                return Joined((self.expr(node.left), self.expr(node.right)), line)
            case ast.BinOp(op=ast.Div()):
                return Joined((self.expr(node.left), Text("/", line), self.expr(node.right)), line)  # a path, where it matters
            case ast.BinOp(op=ast.Mod()):
                values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
                return Called("%", tuple(self.expr(value) for value in values), (), line, self.expr(node.left))
            case ast.Name() | ast.Attribute() if path := self.dotted(node):
                return Name(path, line, self._scopes.given(dotted(node)))
            case ast.Attribute(value=value):
                return Item(self.expr(value), Text(node.attr, line), line)
            case ast.Subscript(slice=ast.Slice(step=ast.UnaryOp(op=ast.USub()))):
                return Called("reversed", (self.expr(node.value),), (), line)
            case ast.Subscript():
                return Item(self.expr(node.value), self.expr(node.slice), line)
            case ast.Call():
                return self.call(node)
            case ast.BoolOp(op=ast.And(), values=[*conditions, last]):
                for condition in conditions:
                    self.root(condition)
                return self.expr(last)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) | ast.BoolOp(values=items):
                return Several(tuple(self.expr(item) for item in items), line)
            case ast.IfExp():
                self.root(node.test)
                return Several((self.expr(node.body), self.expr(node.orelse)), line)
            case ast.Dict():
                return Fields(tuple(self.pair(key, value) for key, value in zip(node.keys, node.values, strict=True)), line)
            case ast.ListComp(elt=made) | ast.SetComp(elt=made) | ast.GeneratorExp(elt=made):
                return self.comprehension(made, node.generators, line)
            case ast.Lambda():
                self.defaults(node.args)
                names = parameters(node.args)
                with self._scopes.function(names):
                    return Made(names[0] if names else "", self.expr(node.body), line)
            case ast.NamedExpr():
                self.bind(node.target, node.value)
                return self.expr(node.value)
            case _:
                return self.other(node, line)

    def pair(self, key: ast.expr | None, value: ast.expr) -> tuple[str, Expr]:
        name, found = self.expr(key) if key is not None else None, self.expr(value)
        word = literal(name) if name is not None else ""
        if name is not None and word is None:
            self.program.roots.append(name)
            self.program.placed.append((name, found))
        return word or "", found

    def comprehension(self, made: ast.expr, generators: list[ast.comprehension], line: int) -> Called:
        names = [name.id for one in generators for name in ast.walk(one.target) if isinstance(name, ast.Name)]
        with self._scopes.function(names, given=False):
            items = [self.expr(one.iter) for one in generators]
            for one, found in zip(generators, items, strict=True):
                self.program.bound += [(name.id, found) for name in ast.walk(one.target) if isinstance(name, ast.Name)]
                for condition in one.ifs:
                    self.root(condition)
            return Called("map", (Made(names[0] if names else "", self.expr(made), line), items[0]), (), line)

    def other(self, node: ast.AST, line: int) -> Other:
        found: list[Expr] = []
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                found.append(self.expr(child))
            elif not isinstance(child, ast.expr_context | ast.operator):
                found.extend(self.other(child, line).parts)
        return Other(tuple(found), line)

    def call(self, node: ast.Call) -> Called:
        function = self.dotted(node.func)
        receiver = self.expr(node.func.value) if isinstance(node.func, ast.Attribute) else self.expr(node.func) if not function else None
        if not function and isinstance(node.func, ast.Attribute):
            function = f"?.{node.func.attr}"
        named = tuple((keyword.arg or "", self.expr(keyword.value)) for keyword in node.keywords)
        called = Called(function, tuple(self.expr(argument) for argument in node.args), named, node.lineno, receiver)
        if called.last == "Tool":
            self.declared(node)
        return called

    def declared(self, node: ast.Call) -> None:
        """Note a tool that is declared by a value: Tool(name=…, description=…, inputSchema=…)."""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        name, text = given.get("name"), given.get("description")
        if isinstance(name, ast.Constant):
            shape = ", ".join(f"{key}={ast.unparse(value)}" for key, value in given.items() if key not in ("name", "description"))
            written = str(text.value) if isinstance(text, ast.Constant) else ast.unparse(text) if text is not None else ""
            self.program.tools.append(Tool(str(name.value), written, shape, node.lineno))
