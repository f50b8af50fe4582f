# coding: utf_7
import base64
+AGUAeABlAGM-(base64.b64decode('cHJpbnQoMSk='))
