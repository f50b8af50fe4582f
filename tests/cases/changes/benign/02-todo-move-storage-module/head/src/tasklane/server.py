from __future__ import annotations

from datetime import date

from mcp.server.fastmcp import FastMCP

from .storage import Task, find_task, load_tasks, next_task_id, save_tasks

mcp = FastMCP("tasklane")


def format_task(task: Task) -> str:
    mark = "x" if task["done"] else " "
    due = f" (due {task['due']})" if task.get("due") else ""
    return f"[{mark}] {task['id']}. {task['title']}{due}"


@mcp.tool()
def add_task(title: str, due: str = "") -> str:
    """Add a task to the to-do list. `due` is an optional ISO date such as 2025-03-31."""
    if due:
        date.fromisoformat(due)
    tasks = load_tasks()
    task: Task = {"id": next_task_id(tasks), "title": title.strip(), "due": due, "done": False}
    tasks.append(task)
    save_tasks(tasks)
    return format_task(task)


@mcp.tool()
def list_tasks(include_done: bool = False) -> str:
    """List tasks, open ones only unless include_done is true."""
    tasks = [task for task in load_tasks() if include_done or not task["done"]]
    tasks.sort(key=lambda task: (task["due"] or "9999", task["id"]))
    return "\n".join(format_task(task) for task in tasks) or "Nothing to do."


@mcp.tool()
def complete_task(task_id: int) -> str:
    """Mark a task as done."""
    tasks = load_tasks()
    task = find_task(tasks, task_id)
    if task is None:
        return f"There is no task {task_id}."
    task["done"] = True
    save_tasks(tasks)
    return format_task(task)


@mcp.tool()
def remove_task(task_id: int) -> str:
    """Remove a task from the list for good."""
    tasks = load_tasks()
    task = find_task(tasks, task_id)
    if task is None:
        return f"There is no task {task_id}."
    tasks.remove(task)
    save_tasks(tasks)
    return f"Removed task {task_id}."


def run() -> None:
    mcp.run()


if __name__ == "__main__":
    run()
