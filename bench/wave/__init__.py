"""What does a version's wave cost others, and what is left of it when those who move it are killed?"""
