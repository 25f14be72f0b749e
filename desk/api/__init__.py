"""Who asks over HTTP?"""
