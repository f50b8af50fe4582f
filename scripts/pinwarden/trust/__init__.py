"""Whether an entry belongs to a publisher that the registry's maintainers know: rules over rows, ids and answers.

This is about who somebody is. Nothing here looks at code, and no level changes what is reviewed.
"""
