from ics_reader_mcp.server import parse_events

SIMPLE = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Standup\nDTSTART:20240304T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"


def test_simple():
    events = parse_events(SIMPLE)
    assert len(events) == 1
    assert events[0]["summary"] == "Standup"


def test_folded_and_escaped():
    text = "BEGIN:VEVENT\r\nSUMMARY:Lunch\\, then\r\n  a walk\r\nDTSTART;VALUE=DATE:20240305\r\nEND:VEVENT\r\n"
    event = parse_events(text)[0]
    assert event["summary"] == "Lunch, then a walk"
    assert event["dtstart"].hour == 0
