-- The events of the engine's FeatureBlock: for each conversion and each channel met before it, one sum for each kernel
-- and one for the signal, in whole units of 2^-32, which add up the same in any order.
WITH
    <people>,
    events AS (
        SELECT
            row_number() OVER (ORDER BY converted.group_no, at, conversion_id) AS nth,
            converted.group_no AS group_no,
            arrayFilter(touch -> touch <= at, people.touched) AS before,
            arraySlice(people.codes, 1, length(before)) AS codes,
            if(empty(before), toInt64(-1), at - before[-1]) AS delay,
            <anchor> AS anchor
        FROM converted LEFT JOIN people ON converted.who = people.who
    )
SELECT nth, any(group_no), any(delay), code, <cells>
FROM (
    SELECT nth, group_no, delay, code, [<values>] AS cells
    FROM (
        SELECT nth, group_no, delay, code, toFloat64(anchor - touch) AS age
        FROM events LEFT ARRAY JOIN before AS touch, codes AS code
    )
)
GROUP BY nth, code
ORDER BY nth, code
