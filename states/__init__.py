"""What may happen?"""
