"""What did happen?"""
