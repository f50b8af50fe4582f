ARCHIVE = 'copies' + chr(64) + 'mailroom-archive.net'
