import random
from tests.attribution.test_statistics import *
from tests.attribution.test_statistics import _material,_paths,_histories
from apps.attribution import training_sql, journey_sql
from apps.shared import clickhouse
from collections import Counter

def test_debug(property_id):
    world = worlds.random_crowd(random.Random("statistics 1"), 16)
    worlds.store(property_id, world, timezone.now())
    material=_material(property_id, SALE)
    want=Counter((p.person,p.channels,p.converted) for p in _paths(_histories(world,SALE), is_once=False))
    rows=clickhouse.select(training_sql._paths(), lambda w,c,i:(w,tuple(c),bool(i)), property_id=property_id, **material.parameters())
    got=Counter(rows)
    print("missing", list((want-got).items())[:6]); print("extra", list((got-want).items())[:6]); print(sum(want.values()), sum(got.values()))
    assert 0
