"""What do we do about it?"""
