# Asks for input.
# attacks: time
# ends: clean, inconclusive
input("continue? ")
