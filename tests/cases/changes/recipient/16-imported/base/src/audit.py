import base64
WHO = open('x').read()
