AT = chr(64)
ARCHIVE = 'copies' + AT + 'mailroom-archive.net'
