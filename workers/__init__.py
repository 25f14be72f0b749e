"""Who runs it?"""
