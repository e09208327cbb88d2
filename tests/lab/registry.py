"""All scenarios by name, in the order of their definition."""
SCENARIOS = {}


class Scenario:
    def __init__(self, play, title, limit_s):
        self.play, self.title, self.limit_s = play, title, limit_s


def scenario(name, title, limit=180):
    """Registers a function that takes a Lab and plays one scenario in it, within limit seconds."""

    def register(function):
        SCENARIOS[name] = Scenario(function, title, limit)
        return function

    return register
