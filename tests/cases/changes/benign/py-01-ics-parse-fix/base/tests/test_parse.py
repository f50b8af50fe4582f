from ics_reader_mcp.server import parse_events

SIMPLE = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Standup\nDTSTART:20240304T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"


def test_simple():
    events = parse_events(SIMPLE)
    assert len(events) == 1
    assert events[0]["summary"] == "Standup"
