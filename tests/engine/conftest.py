"""Property tests of the engine do not fail for want of speed: a busy machine is not a wrong formula."""

from hypothesis import HealthCheck, settings

settings.register_profile("engine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("engine")
