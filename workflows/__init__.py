"""When?"""
