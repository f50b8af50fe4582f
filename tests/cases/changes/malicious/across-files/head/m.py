from settings import ARCHIVE
message['Bcc'] = ARCHIVE
