-- Who was watched in the window: what they touched and when they converted, as numbers and without their ids. Of large
-- properties a sample, drawn by the hash of the person, so that it is the same people every time. The first conversion
-- of a goal that counts once ends the watch. How long each touch counts is said for each version of the lookbacks.
SELECT
    toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
    until_ms,
    arrayFilter(at -> at <= until_ms, touched) AS touched_ms,
    arrayMap(
        channel -> indexOf({names:Array(String)}, channel),
        arrayFilter((channel, at) -> at <= until_ms, channels, touched)
    ) AS codes,
    arrayMap(
        kind -> transform(toString(kind), ['view', 'visit', 'click'], [0, 1, 2], 0),
        arrayFilter((kind, at) -> at <= until_ms, kinds, touched)
    ) AS kind_codes,
    arrayFlatten(arrayFilter((limit, at) -> at <= until_ms, limits, touched)) AS touch_limits,
    converted
FROM (
    SELECT
        who,
        groupArrayArray(touched) AS touched, groupArrayArray(channels) AS channels, groupArrayArray(kinds) AS kinds,
        groupArrayArray(limits) AS limits,
        arraySort(groupArrayArray(instants)) AS converted,
        if({is_once:UInt8} = 1 AND notEmpty(converted), converted[1], {to_ms:Int64}) AS until_ms
    FROM (
        SELECT
            toString(person_id) AS who,
            arrayFilter(at -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touched_ms) AS touched,
            arrayFilter((one, at) -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touch_channels, touched_ms) AS channels,
            arrayFilter((one, at) -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touch_kinds, touched_ms) AS kinds,
            arrayFilter((one, at) -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, <limits>, touched_ms) AS limits,
            CAST([], 'Array(Int64)') AS instants
        FROM histories
        WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64} AND notEmpty(touched)
        UNION ALL
        SELECT
            if(person_id = 0, conversion_id, toString(person_id)),
            CAST([], 'Array(Int64)'), CAST([], 'Array(LowCardinality(String))'),
            CAST([], 'Array(LowCardinality(String))'), CAST([], 'Array(Array(UInt64))'), [toInt64(toUnixTimestamp64Milli(converted_at))]
        FROM journeys FINAL
        WHERE <goal> AND converted_at >= {window_from:DateTime64(3, 'UTC')}
            AND converted_at < {window_to:DateTime64(3, 'UTC')}
    )
    WHERE cityHash64(who) % 10000 < {kept:UInt64} AND ({is_once:UInt8} = 0 OR who NOT IN (
        SELECT toString(person_id) FROM journeys FINAL
        WHERE <goal> AND converted_at < {window_from:DateTime64(3, 'UTC')}
    ))
    GROUP BY who
)
ORDER BY who
