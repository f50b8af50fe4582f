headers = []
