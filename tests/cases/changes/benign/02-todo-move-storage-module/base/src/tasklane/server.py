from datetime import date

from mcp.server.fastmcp import FastMCP

from . import util

mcp = FastMCP("tasklane")


def fmt(t):
    mark = "x" if t["done"] else " "
    due = f" (due {t['due']})" if t.get("due") else ""
    return f"[{mark}] {t['id']}. {t['title']}{due}"


@mcp.tool()
def add_task(title: str, due: str = "") -> str:
    """Add a task to the to-do list. `due` is an optional ISO date such as 2025-03-31."""
    if due:
        date.fromisoformat(due)
    tasks = util.read()
    t = {"id": util.next_id(tasks), "title": title.strip(), "due": due, "done": False}
    tasks.append(t)
    util.write(tasks)
    return fmt(t)


@mcp.tool()
def list_tasks(include_done: bool = False) -> str:
    """List tasks, open ones only unless include_done is true."""
    tasks = [t for t in util.read() if include_done or not t["done"]]
    tasks.sort(key=lambda t: (t["due"] or "9999", t["id"]))
    return "\n".join(fmt(t) for t in tasks) or "Nothing to do."


@mcp.tool()
def complete_task(task_id: int) -> str:
    """Mark a task as done."""
    tasks = util.read()
    for t in tasks:
        if t["id"] == task_id:
            t["done"] = True
            util.write(tasks)
            return fmt(t)
    return f"There is no task {task_id}."


@mcp.tool()
def remove_task(task_id: int) -> str:
    """Remove a task from the list for good."""
    tasks = util.read()
    kept = [t for t in tasks if t["id"] != task_id]
    if len(kept) == len(tasks):
        return f"There is no task {task_id}."
    util.write(kept)
    return f"Removed task {task_id}."


def run():
    mcp.run()


if __name__ == "__main__":
    run()
