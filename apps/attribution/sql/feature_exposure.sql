-- The exposure of the engine's FeatureBlock: what each channel's touchpoints could have caused while people were watched,
-- by group of people, one sum for each kernel and one for the signal, in whole units of 2^-32.
WITH <people>
SELECT group_no, code, <cells>
FROM (
    SELECT group_no, code, [<values>] AS cells
    FROM (
        SELECT group_no, touched, at, code, place, toFloat64({to_ms:Int64} - at) AS left_ms
        FROM people ARRAY JOIN touched AS at, codes AS code, arrayEnumerate(touched) AS place
    )
    WHERE code > 0
)
GROUP BY group_no, code
ORDER BY group_no, code
